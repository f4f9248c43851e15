//! Items, stored so that a million of them take little more than their paths.

/// Says what an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The service finds out.
    Detect,
    File,
    Directory,
    Symlink,
}

/// What few items have.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ItemOptions {
    pub(super) external_checksum: Option<Box<str>>,
    pub(super) checksum_algorithm: Option<Box<str>>,
    pub(super) extra: Option<Box<serde_json::Map<String, serde_json::Value>>>,
}

/// One item, where it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(super) source: &'a str,
    /// Empty for items that have only one path.
    pub(super) destination: &'a str,
    pub(super) shape: Shape,
    pub(super) options: Option<&'a ItemOptions>,
}

/// Holds items in the order in which they came.
///
/// The paths lie end to end in chunks of text. A chunk that is full never moves again, so growing needs no room for
/// two copies of everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Items {
    chunks: Vec<Chunk>,
    len: usize,
    /// How many may turn out to be directories.
    may_recurse: usize,
}

#[derive(Debug, Clone, Default)]
struct Chunk {
    text: String,
    marks: Vec<Mark>,
    /// By position in `marks`.
    options: Vec<(usize, Box<ItemOptions>)>,
}

/// How much of the text belongs to one item.
#[derive(Debug, Clone, Copy)]
struct Mark {
    source: u32,
    destination: u32,
    shape: Shape,
}

/// When a chunk counts as full, in bytes of text.
const FULL: usize = 64 * 1024;

impl Items {
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn may_recurse(&self) -> bool {
        self.may_recurse > 0
    }

    /// Tells whether the items are so few that they can as well be written in one piece.
    pub(super) fn are_few(&self) -> bool {
        self.chunks.len() <= 1
    }

    pub(super) fn push(
        &mut self,
        source: &str,
        destination: &str,
        shape: Shape,
        options: Option<Box<ItemOptions>>,
    ) -> Result<(), &'static str> {
        if let Some(checksum) = options.as_ref().and_then(|options| options.external_checksum.as_deref()) {
            if checksum.is_empty() || !checksum.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                return Err("the external checksum is not made of hexadecimal digits");
            }
            if matches!(shape, Shape::Directory | Shape::Symlink) {
                return Err(
                    "an external checksum is that of a file, and the item is marked as something else",
                );
            }
        }
        let length = |path: &str| u32::try_from(path.len()).map_err(|_| "a path is longer than 4 GiB");
        let mark = Mark { source: length(source)?, destination: length(destination)?, shape };
        let chunk = self.open_chunk();
        if let Some(options) = options {
            chunk.options.push((chunk.marks.len(), options));
        }
        chunk.text.push_str(source);
        chunk.text.push_str(destination);
        chunk.marks.push(mark);
        self.len += 1;
        self.may_recurse += usize::from(matches!(shape, Shape::Detect | Shape::Directory));
        Ok(())
    }

    /// Adds an item as it is stored elsewhere.
    pub(super) fn push_again(&mut self, item: &Item<'_>) {
        // It has been looked at before.
        let _ = self.push(item.source, item.destination, item.shape, item.options.cloned().map(Box::new));
    }

    /// Adds all items of another list.
    pub(super) fn append(&mut self, other: Self) {
        self.len += other.len;
        self.may_recurse += other.may_recurse;
        self.chunks.extend(other.chunks);
    }

    /// Gives the chunk that still has room.
    fn open_chunk(&mut self) -> &mut Chunk {
        match self.chunks.last_mut() {
            Some(last) if last.text.len() < FULL => {}
            last => {
                if let Some(full) = last {
                    full.text.shrink_to_fit();
                    full.marks.shrink_to_fit();
                }
                self.chunks.push(Chunk::default());
            }
        }
        let last = self.chunks.len() - 1;
        &mut self.chunks[last]
    }

    /// Gives the item at a place, and moves the place on.
    pub(super) fn next(&self, place: &mut Place) -> Option<Item<'_>> {
        let mut chunk = self.chunks.get(place.chunk)?;
        if place.item == chunk.marks.len() {
            *place = Place { chunk: place.chunk + 1, ..Place::default() };
            chunk = self.chunks.get(place.chunk)?;
        }
        let mark = chunk.marks.get(place.item)?;
        let middle = place.text + mark.source as usize;
        let end = middle + mark.destination as usize;
        let options = match chunk.options.get(place.option) {
            Some((item, options)) if *item == place.item => Some(&**options),
            _ => None,
        };
        let item = Item {
            source: &chunk.text[place.text..middle],
            destination: &chunk.text[middle..end],
            shape: mark.shape,
            options,
        };
        place.item += 1;
        place.text = end;
        place.option += usize::from(options.is_some());
        Some(item)
    }
}

/// Is a place among items.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    chunk: usize,
    item: usize,
    text: usize,
    option: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(algorithm: &str) -> ItemOptions {
        ItemOptions { checksum_algorithm: Some(algorithm.into()), ..ItemOptions::default() }
    }

    #[test]
    fn gives_back_what_was_put_in_over_many_chunks() {
        let mut items = Items::default();
        let shapes = [Shape::Detect, Shape::File, Shape::Directory, Shape::Symlink];
        let source = |n: usize| "ä/".repeat(n % 300);
        let destination = |n: usize| format!("/{n}");
        for n in 0..5_000 {
            let options = (n % 7 == 3).then(|| Box::new(options(&n.to_string())));
            items.push(&source(n), &destination(n), shapes[n % 4], options).unwrap();
        }
        assert_eq!(items.len(), 5_000);
        assert!(items.chunks.len() > 20 && !items.are_few());
        let mut place = Place::default();
        for n in 0..5_000 {
            let item = items.next(&mut place).unwrap();
            assert_eq!(
                (item.source, item.destination, item.shape),
                (&*source(n), &*destination(n), shapes[n % 4])
            );
            let algorithm = item.options.and_then(|options| options.checksum_algorithm.as_deref());
            assert_eq!(algorithm, (n % 7 == 3).then(|| n.to_string()).as_deref(), "item {n}");
        }
        assert!(items.next(&mut place).is_none() && items.next(&mut place).is_none());
    }

    #[test]
    fn full_chunks_have_no_slack() {
        let mut items = Items::default();
        for n in 0..10_000 {
            items.push("/some/path/of/usual/length/data.bin", &n.to_string(), Shape::Detect, None).unwrap();
        }
        let (_, full) = items.chunks.split_last().unwrap();
        assert!(full.len() > 3);
        for chunk in full {
            assert_eq!(chunk.text.capacity(), chunk.text.len());
            assert_eq!(chunk.marks.capacity(), chunk.marks.len());
        }
    }
}
