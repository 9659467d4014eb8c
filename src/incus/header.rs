//! Parameters in the values of HTTP headers: `multipart/form-data; boundary=x`, `inline;filename="a b"`. Not for the headers
//! themselves.

/// The parameter `name` of a header's value, without its quotes.
pub(crate) fn parameter(value: &str, name: &str) -> Option<String> {
    let (_, mut rest) = value.split_once(';')?;
    loop {
        let (key, text) = rest.split_once('=')?;
        // One without a value may stand before.
        let key = key.rsplit(';').next().unwrap_or_default();
        let (text, next) = content(text.trim_start());
        if key.trim().eq_ignore_ascii_case(name) {
            return Some(text);
        }
        rest = next;
    }
}

/// The token or quoted text at the beginning, and what stands after it.
fn content(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = text.split_once(';').unwrap_or((text, ""));
        return (token.trim_end().to_owned(), rest);
    };
    let mut content = String::new();
    let mut letters = quoted.char_indices();
    while let Some((position, letter)) = letters.next() {
        match letter {
            '"' => return (content, quoted.get(position + 1..).unwrap_or_default()),
            '\\' => content.extend(letters.next().map(|(_, escaped)| escaped)),
            letter => content.push(letter),
        }
    }
    (content, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_and_quoted_texts_are_read() {
        let inline = "inline;filename=ab.tar.gz";
        assert_eq!(parameter(inline, "filename").as_deref(), Some("ab.tar.gz"));
        let part = r#"form-data; name="metadata"; filename="a \"b\";name=c.tar.xz""#;
        assert_eq!(parameter(part, "name").as_deref(), Some("metadata"));
        assert_eq!(parameter(part, "FileName").as_deref(), Some(r#"a "b";name=c.tar.xz"#));
        assert_eq!(parameter("multipart/form-data; x; Boundary = 12 ; y=z", "boundary").as_deref(), Some("12"));
    }

    #[test]
    fn what_is_not_there_is_not_found() {
        for value in ["", "inline", "inline;", "inline; filename", "inline; name=filename", "filename=x"] {
            assert_eq!(parameter(value, "filename"), None, "{value}");
        }
        assert_eq!(parameter(r#"a; filename="unended"#, "filename").as_deref(), Some("unended"));
    }
}
