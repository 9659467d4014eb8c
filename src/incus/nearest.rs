//! Which names look like a misspelt one. Not for matching: a name is only ever suggested.

/// At most this many suggestions.
const MOST: usize = 3;

/// The names that differ little from the one given (in a third of its letters, at least one; swapped ones count once), the
/// nearest first.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let tolerated = (name.chars().count() / 3).max(1);
    let wanted = name.to_lowercase();
    let mut candidates: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (strsim::osa_distance(&wanted, &candidate.to_lowercase()), candidate))
        .filter(|(distance, _)| *distance <= tolerated)
        .collect();
    candidates.sort_unstable();
    candidates.into_iter().take(MOST).map(|(_, candidate)| candidate.to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_names_are_suggested_and_the_nearest_first() {
        assert_eq!(nearest("imagess", ["image", "local", "images"]), ["images", "image"]);
        assert_eq!(nearest("imgaes", ["images", "local"]), ["images"]);
        assert_eq!(nearest("Local", ["local", "b"]), ["local"]);
        assert!(nearest("elsewhere", ["local", "images"]).is_empty());
    }
}
