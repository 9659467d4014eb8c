//! Which names look like a misspelt one. Not for matching: a name is only ever suggested.

/// At most this many suggestions.
const MOST: usize = 3;

/// The names that differ little from the one given (a third of its letters, at least one), the nearest first.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let tolerated = (name.chars().count() / 3).max(1);
    let mut candidates: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (distance(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .collect();
    candidates.sort_unstable();
    candidates.into_iter().take(MOST).map(|(_, candidate)| candidate.to_owned()).collect()
}

/// How many letters must be added, removed or replaced to make one text of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (index, a) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (index, index + 1);
        for (above, b) in row.iter_mut().skip(1).zip(other.chars()) {
            let replaced = diagonal + usize::from(a != b);
            diagonal = *above;
            left = replaced.min(left + 1).min(*above + 1);
            *above = left;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_single_letters() {
        for (one, other, expected) in
            [("", "", 0), ("a", "", 1), ("", "ab", 2), ("kitten", "sitting", 3), ("ünï", "uni", 2), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), expected, "{one} {other}");
        }
    }

    #[test]
    fn only_similar_names_are_suggested_and_the_nearest_first() {
        assert_eq!(nearest("imagess", ["image", "local", "images"]), ["images", "image"]);
        assert_eq!(nearest("Local", ["local", "b"]), ["local"]);
        assert!(nearest("elsewhere", ["local", "images"]).is_empty());
    }
}
