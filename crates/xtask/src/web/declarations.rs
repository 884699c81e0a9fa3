//! The module's TypeScript declarations.

/// wasm-bindgen's declarations without the list of the module's raw exports: their names carry
/// hashes that change with any dependency, and they are nobody's interface.
pub fn public_declarations(generated: &str) -> String {
    const OPENING: &str = "export interface InitOutput {";
    let mut public = String::new();
    let mut inside = false;
    for line in generated.lines() {
        if inside && line == "}" {
            inside = false;
        }
        if !inside || line.contains("readonly memory:") {
            public.push_str(line);
            public.push('\n');
        }
        if line == OPENING {
            inside = true;
        }
    }
    public
}

#[cfg(test)]
mod tests {
    use super::public_declarations;

    #[test]
    fn raw_exports_are_left_out_and_everything_else_stays() {
        let generated = "\
export class Client {
  free(): void;
}
export interface InitOutput {
  readonly memory: WebAssembly.Memory;
  readonly __wbg_client_free: (a: number, b: number) => void;
}
export default function init(): Promise<InitOutput>;
";
        let public = "\
export class Client {
  free(): void;
}
export interface InitOutput {
  readonly memory: WebAssembly.Memory;
}
export default function init(): Promise<InitOutput>;
";
        assert_eq!(public_declarations(generated), public);
    }
}
