// Stands in for `lightning/platformResourceLoader`, as it is documented.

export function loadScript(component, address) {
  if (!component) throw new Error('loadScript needs the component');
  return new Promise((give, refuse) => {
    const script = document.createElement('script');
    script.src = address;
    script.onload = () => give();
    script.onerror = () => refuse(new Error(`${address} did not come`));
    document.head.append(script);
  });
}
