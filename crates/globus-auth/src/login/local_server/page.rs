//! What the user sees in the browser when it has come back.

/// Makes a page of nothing but itself: whatever the network, it looks the same.
pub(super) fn page(heading: &str, message: &str) -> String {
    let (heading, message) = (escape(heading), escape(message));
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>{heading} – Globus</title>
<link rel=\"icon\" href=\"data:,\">
<style>
:root {{ color-scheme: light dark; font: 1.1rem/1.5 system-ui, sans-serif; }}
main {{ max-width: 36rem; margin: 15vh auto 0; padding: 0 1rem; overflow-wrap: anywhere; }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
<p>{message}</p>
</main>
</body>
</html>
"
    )
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_from_outside_stay_texts() {
        let page = page("Login failed", "access_denied (<script src=\"//x\">'&'</script>)");
        assert!(
            page.contains("access_denied (&lt;script src=&quot;//x&quot;&gt;&#39;&amp;&#39;&lt;/script&gt;)")
        );
        assert_eq!(page.matches("<script").count(), 0);
        assert!(!page.contains("http"), "nothing is fetched from elsewhere");
    }
}
