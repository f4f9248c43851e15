//! The sections of `CHANGELOG.md`, one for each version.

use jiff::civil::Date;
use semver::Version;

use super::{BREAKING, Fragment, Kind, Weight, Written};

/// The section of one version in the changelog.
#[derive(Debug)]
pub(crate) struct Section {
    heading: String,
    /// Prose between the heading and the first group.
    preamble: String,
    groups: Vec<(String, Vec<String>)>,
}

impl Section {
    fn parse(lines: &[&str]) -> Self {
        let mut section = Self {
            heading: lines.first().copied().unwrap_or_default().to_owned(),
            preamble: String::new(),
            groups: Vec::new(),
        };
        for line in lines.iter().skip(1) {
            if let Some(title) = line.strip_prefix("### ") {
                section.groups.push((title.trim().to_owned(), Vec::new()));
            } else if let Some((_, entries)) = section.groups.last_mut() {
                match entries.last_mut() {
                    Some(last) if !line.starts_with("- ") => {
                        last.push('\n');
                        last.push_str(line);
                    }
                    None if line.trim().is_empty() => {}
                    _ => entries.push((*line).to_owned()),
                }
            } else {
                section.preamble.push_str(line);
                section.preamble.push('\n');
            }
        }
        for entry in section.groups.iter_mut().flat_map(|(_, entries)| entries) {
            entry.truncate(entry.trim_end().len());
        }
        section
    }

    fn add(&mut self, fragment: &Fragment) {
        let entry = fragment.entry();
        let title = fragment.kind.title();
        if let Some((_, entries)) = self.groups.iter_mut().find(|(name, _)| name == title) {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
            return;
        }
        let rank = |name: &str| Kind::ALL.iter().position(|kind| kind.title() == name);
        let place =
            self.groups.iter().position(|(name, _)| rank(name) > rank(title)).unwrap_or(self.groups.len());
        self.groups.insert(place, (title.to_owned(), vec![entry]));
    }

    fn render(&self) -> String {
        let preamble = Some(self.preamble.trim().to_owned()).filter(|prose| !prose.is_empty());
        let groups =
            self.groups.iter().map(|(title, entries)| format!("### {title}\n\n{}", entries.join("\n")));
        let blocks: Vec<String> =
            std::iter::once(self.heading.clone()).chain(preamble).chain(groups).collect();
        blocks.join("\n\n")
    }

    /// The weight of what is already written down.
    pub(crate) fn weight(&self) -> Option<Weight> {
        let of_group = |title: &str, entries: &[String]| {
            if entries.iter().any(|entry| entry.contains(BREAKING)) {
                Weight::Breaking
            } else if title == Kind::Added.title() {
                Weight::Feature
            } else {
                Weight::Fix
            }
        };
        self.groups.iter().map(|(title, entries)| of_group(title, entries)).max()
    }
}

/// The section of `version`, if the changelog has one.
pub(crate) fn section(changelog: &str, version: &Version) -> Option<Section> {
    let lines: Vec<&str> = changelog.lines().collect();
    let (start, end) = place(&lines, version)?;
    Some(Section::parse(&lines[start..end]))
}

/// Where the section of `version` starts and ends, in lines.
fn place(lines: &[&str], version: &Version) -> Option<(usize, usize)> {
    let heading = format!("## [{version}]");
    let start = lines.iter().position(|line| line.starts_with(&heading))?;
    let length =
        lines[start + 1..].iter().position(|line| line.starts_with("## ")).unwrap_or(lines.len() - start - 1);
    Some((start, start + 1 + length))
}

/// The changelog with `fragments` under `version`. What is there already stays and is not repeated,
/// so that the same call twice gives the same text.
pub(crate) fn add(changelog: &str, version: &Version, date: Date, fragments: &[Written]) -> String {
    let lines: Vec<&str> = changelog.lines().collect();
    let (start, end) = place(&lines, version).unwrap_or_else(|| {
        let newest = lines.iter().position(|line| line.starts_with("## [")).unwrap_or(lines.len());
        (newest, newest)
    });
    let mut section = Section::parse(&lines[start..end]);
    if section.heading.is_empty() {
        section.heading = format!("## [{version}] - {date}");
    }
    for written in fragments {
        section.add(&written.fragment);
    }
    let blocks = [lines[..start].join("\n"), section.render(), lines[end..].join("\n")];
    let blocks: Vec<&str> =
        blocks.iter().map(|block| block.trim_end()).filter(|block| !block.is_empty()).collect();
    blocks.join("\n\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "# Changelog\n\nAll changes.\n";

    fn written(kind: Kind, crates: &[&str], text: &str) -> Written {
        let crates = crates.iter().map(|name| (*name).to_owned()).collect();
        Written { file: String::new(), fragment: Fragment::new(kind, crates, None, text).unwrap() }
    }

    fn version() -> Version {
        Version::new(0, 2, 0)
    }

    fn date() -> Date {
        jiff::civil::date(2026, 3, 1)
    }

    #[test]
    fn sections_come_newest_first_with_groups_in_order() {
        let old = format!("{HEADER}\n## [0.1.0] - 2026-01-01\n\n### Added\n\n- Old.\n");
        let fragments = [
            written(Kind::Fixed, &["globus-core"], "A fix."),
            written(Kind::Added, &[], "A feature\nof two lines."),
            written(Kind::Removed, &["globus", "globus-auth"], "A method."),
        ];
        let expected = "# Changelog\n\nAll changes.\n\n## [0.2.0] - 2026-03-01\n\n\
            ### Added\n\n- A feature\n  of two lines.\n\n\
            ### Removed\n\n- **Breaking:** `globus`, `globus-auth`: A method.\n\n\
            ### Fixed\n\n- `globus-core`: A fix.\n\n\
            ## [0.1.0] - 2026-01-01\n\n### Added\n\n- Old.\n";
        assert_eq!(add(&old, &version(), date(), &fragments), expected);
    }

    #[test]
    fn the_same_fragments_twice_change_nothing() {
        let fragments = [written(Kind::Fixed, &[], "One.\n\nMore of it."), written(Kind::Added, &[], "Two.")];
        let once = add(HEADER, &version(), date(), &fragments);
        assert_eq!(add(&once, &version(), jiff::civil::date(2027, 1, 1), &fragments), once);
    }

    #[test]
    fn a_late_fragment_joins_what_is_there() {
        let once = add(HEADER, &version(), date(), &[written(Kind::Fixed, &[], "One thing.")]);
        let edited =
            once.replace("## [0.2.0] - 2026-03-01\n", "## [0.2.0] - 2026-03-01\n\nWords of an editor.\n");
        let late = [written(Kind::Fixed, &[], "One"), written(Kind::Changed, &[], "Other.")];
        let twice = add(&edited, &version(), date(), &late);
        assert!(
            twice.contains(
                "Words of an editor.\n\n### Changed\n\n- Other.\n\n### Fixed\n\n- One thing.\n- One\n"
            ),
            "{twice}"
        );
    }

    #[test]
    fn weight_is_read_back_from_a_section() {
        let weigh = |fragments: &[Written]| {
            let text = add(HEADER, &version(), date(), fragments);
            section(&text, &version()).unwrap().weight().unwrap()
        };
        assert_eq!(weigh(&[written(Kind::Fixed, &[], "F.")]), Weight::Fix);
        assert_eq!(
            weigh(&[written(Kind::Fixed, &[], "F."), written(Kind::Added, &[], "A.")]),
            Weight::Feature
        );
        assert_eq!(
            weigh(&[written(Kind::Added, &[], "A."), written(Kind::Removed, &[], "R.")]),
            Weight::Breaking
        );
        assert!(section(HEADER, &version()).is_none());
    }
}
