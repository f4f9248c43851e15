//! Of the command: variables as a shell reads them.

use std::fmt::Write as _;

/// Writes variables as lines that a POSIX shell reads.
pub(crate) fn exports(variables: &[(String, String)]) -> String {
    variables.iter().fold(String::new(), |mut lines, (name, value)| {
        let _ = writeln!(lines, "export {name}={}", shell_word(value));
        lines
    })
}

/// Writes a value so that a POSIX shell reads it back as it is.
fn shell_word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._~:/@%+=,[]".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_survive_the_shell() {
        assert_eq!(shell_word("http://127.0.0.1:1/auth/"), "http://127.0.0.1:1/auth/");
        assert_eq!(shell_word("a'b $c"), r"'a'\''b $c'");
        assert_eq!(shell_word(""), "''");
    }
}
