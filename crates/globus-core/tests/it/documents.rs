//! Documents: words from the future.

use crate::common::Colour;

#[test]
fn open_enums_keep_words_from_the_future() {
    let known: Colour = serde_json::from_str(r#""red""#).unwrap();
    assert_eq!(known, Colour::Red);
    let unknown: Colour = serde_json::from_str(r#""green""#).unwrap();
    assert!(matches!(unknown, Colour::Unknown(_)));
    assert_eq!(unknown.as_str(), "green");
    assert_eq!(serde_json::to_string(&unknown).unwrap(), r#""green""#);
    assert_eq!(Colour::from("blue"), Colour::Blue);
    assert!(serde_json::from_str::<Colour>("3").is_err());
}
