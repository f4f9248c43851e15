//! What the documents of the service are read with.

pub(crate) use globus_core::{__private::or_default, extra_accessors};

/// Declares one page of a list: what is on it, and where the next one begins. All lists of the service but that of web
/// inputs have this form.
macro_rules! page {
    ($(#[$doc:meta])* pub struct $Page:ident { $(#[$items_doc:meta])* $items:ident: $Item:ty }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
        #[non_exhaustive]
        pub struct $Page {
            $(#[$items_doc])*
            #[serde(default, deserialize_with = "crate::document::or_default")]
            pub $items: Vec<$Item>,
            /// How many a page has at most.
            #[serde(default)]
            pub limit: Option<u64>,
            /// Whether there are more.
            #[serde(default)]
            pub has_next_page: Option<bool>,
            /// Where the next page begins.
            #[serde(default)]
            pub marker: Option<String>,
            #[serde(flatten)]
            extra: globus_core::Extra,
        }

        crate::document::extra_accessors!($Page);

        impl globus_core::Page for $Page {
            type Item = $Item;

            fn info(&self) -> globus_core::PageInfo {
                globus_core::PageInfo {
                    items: self.$items.len(),
                    has_next_page: self.has_next_page,
                    next: self.marker.clone(),
                    total: None,
                }
            }

            fn into_items(self) -> Vec<$Item> {
                self.$items
            }
        }
    };
}
pub(crate) use page;
