//! What a request would rather have: its header `accept` (RFC 9110 §12.5.1).

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;

/// Says whether JSON is wanted more than HTML, or as much and more expressly.
///
/// A program that takes everything (`*/*`) gets the page, like a browser.
pub(super) fn prefers_json(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    let ranges: Vec<Range<'_>> = texts
        .flat_map(|text| text.split(',').map(Range::parse))
        .collect();
    let json = weight(&ranges, ["application/json", "application/*", "*/*"]);
    let html = weight(&ranges, ["text/html", "text/*", "*/*"]);
    json > html
}

/// A media range and its weight: `text/*;q=0.5`.
struct Range<'a> {
    name: &'a str,
    quality: f32,
}

impl<'a> Range<'a> {
    /// Reads a range. One whose weight cannot be read is not wanted.
    fn parse(text: &'a str) -> Self {
        let mut parts = text.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let mut parameters = parts.filter_map(|part| part.split_once('='));
        let quality = parameters.find(|(name, _)| name.eq_ignore_ascii_case("q"));
        Self {
            name,
            quality: quality.map_or(1.0, |(_, value)| value.parse().unwrap_or(0.0)),
        }
    }
}

/// How much a media type is wanted, and how expressly. The narrowest of its names counts.
fn weight(ranges: &[Range<'_>], names: [&str; 3]) -> (f32, usize) {
    let quality = |name: &str| {
        let range = ranges
            .iter()
            .find(|range| range.name.eq_ignore_ascii_case(name));
        range.map(|range| range.quality)
    };
    let mut found = names
        .iter()
        .enumerate()
        .filter_map(|(width, name)| Some((quality(name)?, names.len() - width)));
    let narrowest = found.next();
    narrowest
        .filter(|(quality, _)| *quality > 0.0)
        .unwrap_or((0.0, 0))
}

#[cfg(test)]
mod tests {
    use super::prefers_json;
    use axum::http::{HeaderMap, HeaderValue};

    fn prefers(values: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("accept", HeaderValue::from_static(value));
        }
        prefers_json(&headers)
    }

    #[test]
    fn who_asks_for_json_gets_it() {
        let wants = [
            "application/json",
            "Application/JSON; charset=utf-8",
            "application/*",
            "application/json, text/plain, */*",
            "text/html;q=0.5, application/json;q=0.9",
            "text/html; q=0, */*",
        ];
        for accept in wants {
            assert!(prefers(&[accept]), "{accept}");
        }
        assert!(prefers(&["text/html;q=0.2", "application/json"]));
    }

    #[test]
    fn everyone_else_gets_the_page() {
        let others = [
            "",
            "*/*",
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
            "application/json, text/html",
            "application/json;q=0.5, */*",
            "application/json;q=0",
            "application/json;q=high",
            "application/json;q=NaN",
            "image/png",
        ];
        for accept in others {
            assert!(!prefers(&[accept]), "{accept}");
        }
        assert!(!prefers(&[]));
    }
}
