//! The logo of an app: letters on a ground. No image of anybody's is fetched, so that nobody is told who looks at a page.

use habeo_core::app_client::Settings;

/// A logo as the pages draw it.
#[derive(Debug, Clone)]
pub(super) struct Logo {
    /// The ground, `#` and six digits.
    pub ground: String,
    /// The ink, which is read on that ground.
    pub ink: &'static str,
    /// The letters.
    pub letters: String,
}

impl Logo {
    /// That of an app.
    pub fn of(settings: &Settings) -> Self {
        Self {
            ink: ink(&settings.color),
            ground: settings.color.clone(),
            letters: settings.initials.clone(),
        }
    }
}

/// Black on what is light, white on what is dark, by the weights of ITU-R BT.601.
fn ink(ground: &str) -> &'static str {
    let part = |from: usize| {
        let digits = ground.get(from..from + 2).unwrap_or("00");
        u32::from_str_radix(digits, 16).unwrap_or(0)
    };
    let light = (299 * part(1) + 587 * part(3) + 114 * part(5)) / 1_000;
    if light > 127 { "#000000" } else { "#ffffff" }
}

#[cfg(test)]
mod tests {
    use super::ink;

    #[test]
    fn letters_stand_out() {
        for (ground, letters) in [
            ("#ffffff", "#000000"),
            ("#ffff00", "#000000"),
            ("#000000", "#ffffff"),
            ("#1f6feb", "#ffffff"),
            ("junk", "#ffffff"),
        ] {
            assert_eq!(ink(ground), letters, "{ground}");
        }
    }
}
