/** This program's version, as logs and manifests name it; a test holds it to package.json. */
export const VERSION = "0.1.0";
