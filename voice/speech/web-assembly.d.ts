/** What we use of WebAssembly. Its types come with the DOM's only, which a server does not want among its globals. */
declare namespace WebAssembly {
  interface Module {
    readonly kind?: 'module'
  }
  interface Instance {
    readonly exports: object
  }
  function compile(bytes: Uint8Array): Promise<Module>
  function instantiate(module: Module, imports: object): Promise<Instance>
}
