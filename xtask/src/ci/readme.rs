//! The test command, as the README gives it: what users are told is what CI runs.

use anyhow::{Context, Result, bail};

/// Finds the one command in the fenced block under `## Test`, as the arguments of cargo.
pub(super) fn test_command(readme: &str) -> Result<Vec<String>> {
    let section = readme.lines().skip_while(|line| line.trim_end() != "## Test").skip(1);
    let mut block =
        section.take_while(|line| !line.starts_with("## ")).skip_while(|line| !line.starts_with("```"));
    block.next().context("README.md has no fenced block under the heading `## Test`")?;
    let lines: Vec<&str> = block.take_while(|line| !line.starts_with("```")).map(str::trim).collect();
    let [command] = lines.as_slice() else {
        bail!("the block under `## Test` in README.md must hold one line, and holds {}", lines.len());
    };
    let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
    if words.first().map(String::as_str) != Some("cargo") || words.get(1).map(String::as_str) != Some("test")
    {
        bail!("the command under `## Test` in README.md is not a `cargo test` command: `{command}`");
    }
    if let Some(word) =
        words.iter().find(|word| word.contains(['"', '\'', '\\', '$', '`', '|', '&', ';', '<', '>', '*']))
    {
        bail!("the command under `## Test` in README.md needs a shell, because of `{word}`");
    }
    Ok(words[1..].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_read_from_its_section() {
        let readme = "# X\n```sh\ncargo run\n```\n## Test\nSo:\n\n```sh\ncargo test --workspace\n```\n## Next\n```\nrm\n```\n";
        assert_eq!(test_command(readme).unwrap(), ["test", "--workspace"]);
    }

    #[test]
    fn anything_else_is_refused() {
        for (readme, words) in [
            ("# X\n", "no fenced block"),
            ("## Test\nSoon.\n## Next\n```\ncargo test\n```\n", "no fenced block"),
            ("## Test\n```\n```\n", "holds 0"),
            ("## Test\n```\ncargo test\ncargo doc\n```\n", "holds 2"),
            ("## Test\n```\ncargo build\n```\n", "not a `cargo test` command"),
            ("## Test\n```\ncargo test && true\n```\n", "needs a shell"),
        ] {
            let error = test_command(readme).expect_err(readme).to_string();
            assert!(error.contains(words), "{readme:?}: {error}");
        }
    }
}
