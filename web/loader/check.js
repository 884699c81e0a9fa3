/** What is wrong with the attributes that the loader itself does not need, as `{code, field}`. */
export const check = ({ relay, sessionUrl, theme = "auto" }) => {
  const right = {
    theme: /^(auto|light|dark)$/.test(theme),
    relay: /^https?:/.test(relay),
    "session-url": !sessionUrl || sessionUrl.startsWith(location.origin + "/"),
  };
  for (const field in right) if (!right[field]) return { code: "unknown_attribute_value", field };
};
