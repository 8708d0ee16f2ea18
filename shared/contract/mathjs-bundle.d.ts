declare module "mathjs/lib/browser/math.js" {
  /** All that mathjs has, of which its parser alone is used. */
  const mathjs: { readonly parse: (text: string) => unknown };
  // biome-ignore lint/style/noDefaultExport: it is what the library exports
  export default mathjs;
}
