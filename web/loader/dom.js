/** Makes an element: `make("button.main", {type: "button"}, "Call")`. */
export const make = (name, attributes, ...children) => {
  const [tag, className = ""] = name.split(".");
  const node = document.createElement(tag);
  node.className = className;
  for (const key in attributes) if (attributes[key] != null) node.setAttribute(key, attributes[key]);
  node.append(...children);
  return node;
};
