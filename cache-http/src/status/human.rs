//! Numbers as people read them. `page.js` writes them the same way.

use std::time::Duration;

/// Stands between groups of digits, and before units.
const THIN: char = '\u{202f}';

/// Writes a count: `1 234 567`.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(THIN);
        }
        text.push(digit);
    }
    text
}

/// Writes a part of a whole: `93.4 %`. Only all of it is 100 %, and only nothing is 0 %.
pub(super) fn ratio(ratio: f64) -> String {
    let percent = ratio * 100.0;
    if percent <= 0.0 {
        format!("0{THIN}%")
    } else if percent >= 100.0 {
        format!("100{THIN}%")
    } else {
        format!("{:.1}{THIN}%", percent.clamp(0.1, 99.9))
    }
}

/// Writes a duration: `12.3 ms`, `4 min 12 s`.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds <= 0.0 {
        format!("0{THIN}s")
    } else if seconds < 59.95 {
        short(seconds)
    } else {
        let rounded = Duration::try_from_secs_f64(seconds + 0.5);
        long(rounded.map_or(u64::MAX, |rounded| rounded.as_secs()))
    }
}

/// Three digits, in the unit that leaves one to three before the point.
fn short(seconds: f64) -> String {
    let units = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms")];
    let fits = units.into_iter().find(|(unit, _)| seconds < unit * 999.5);
    let (unit, name) = fits.unwrap_or((1.0, "s"));
    let figure = seconds / unit;
    let places = match figure {
        figure if figure < 9.995 => 2,
        figure if figure < 99.95 => 1,
        _ => 0,
    };
    format!("{figure:.places$}{THIN}{name}")
}

/// The two largest units.
fn long(seconds: u64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3_600, seconds / 86_400);
    if hours == 0 {
        format!("{minutes}{THIN}min {}{THIN}s", seconds % 60)
    } else if days == 0 {
        format!("{hours}{THIN}h {}{THIN}min", minutes % 60)
    } else {
        format!("{}{THIN}d {}{THIN}h", count(days), hours % 24)
    }
}

#[cfg(test)]
mod tests {
    use super::{THIN, count, ratio, seconds};

    fn plain(text: &str) -> String {
        text.replace(THIN, " ")
    }

    #[test]
    fn counts_have_groups_of_three() {
        let cases = [
            (0, "0"),
            (999, "999"),
            (1_000, "1 000"),
            (1_234_567, "1 234 567"),
            (u64::MAX, "18 446 744 073 709 551 615"),
        ];
        for (number, text) in cases {
            assert_eq!(plain(&count(number)), text);
        }
    }

    #[test]
    fn ratios_are_whole_only_if_they_are() {
        let cases = [
            (0.0, "0 %"),
            (0.000_01, "0.1 %"),
            (0.5, "50.0 %"),
            (0.934, "93.4 %"),
            (0.999_99, "99.9 %"),
            (1.0, "100 %"),
        ];
        for (part, text) in cases {
            assert_eq!(plain(&ratio(part)), text);
        }
    }

    #[test]
    fn durations_have_the_unit_that_fits() {
        let cases = [
            (0.0, "0 s"),
            (340e-9, "340 ns"),
            (999.9e-9, "1.00 µs"),
            (0.000_045_67, "45.7 µs"),
            (0.001_234, "1.23 ms"),
            (0.009_999, "10.0 ms"),
            (0.012_34, "12.3 ms"),
            (0.999_4, "999 ms"),
            (0.999_6, "1.00 s"),
            (12.34, "12.3 s"),
            (59.94, "59.9 s"),
            (59.96, "1 min 0 s"),
            (252.4, "4 min 12 s"),
            (3_599.7, "1 h 0 min"),
            (11_100.0, "3 h 5 min"),
            (97_200.0, "1 d 3 h"),
            (1e12, "11 574 074 d 1 h"),
            (1e30, "213 503 982 334 601 d 7 h"),
        ];
        for (duration, text) in cases {
            assert_eq!(plain(&seconds(duration)), text);
        }
    }
}
