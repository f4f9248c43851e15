//! How Python writes and reads numbers.

/// Writes a float as `repr` does: the fewest digits that lead back to it.
pub(super) fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".to_owned() } else { "-inf".to_owned() };
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{number}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}

/// Reads what `int()` takes.
pub(super) fn read_int(text: &str) -> Option<i128> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    well_spaced(digits).then(|| text.replace('_', "").parse().ok()).flatten()
}

/// Reads what `float()` takes.
pub(super) fn read_float(text: &str) -> Option<f64> {
    let text = text.trim().to_ascii_lowercase();
    let bare = text.strip_prefix(['+', '-']).unwrap_or(&text);
    match bare {
        "inf" | "infinity" | "nan" => text.parse().ok(),
        _ if bare.chars().all(|c| c.is_ascii_digit() || "._e+-".contains(c)) && !bare.ends_with('_') => {
            text.replace('_', "").parse().ok()
        }
        _ => None,
    }
}

fn well_spaced(digits: &str) -> bool {
    !digits.is_empty()
        && !digits.starts_with('_')
        && !digits.ends_with('_')
        && !digits.contains("__")
        && digits.chars().all(|c| c.is_ascii_digit() || c == '_')
}
