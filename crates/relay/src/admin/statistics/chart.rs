//! Charts as SVG, for a page whose policy allows no inline style and no script.
//!
//! `plotters` draws with plain attributes. The colours it is given are only names: `admin.css` gives each of them a
//! colour for light and for dark pages. Each chart is drawn for a wide and for a narrow page, so that its words
//! have one size on both.

use std::ops::Range;

use plotters::coord::ranged1d::{DefaultFormatting, KeyPointHint};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

/// What a part of a chart is about; each has one colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// It went well.
    Good,
    /// It was in vain.
    Missed,
    /// It went wrong.
    Bad,
    /// Nobody knows.
    Doubt,
    /// It has not begun.
    Calm,
    /// It is to be done.
    Due,
    /// It is being done.
    Busy,
    /// It is over, or something else.
    Muted,
}

impl Tone {
    /// Every one.
    #[cfg(test)]
    pub const ALL: [Self; 8] = [
        Self::Good,
        Self::Missed,
        Self::Bad,
        Self::Doubt,
        Self::Calm,
        Self::Due,
        Self::Busy,
        Self::Muted,
    ];

    /// What the style calls it.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Missed => "missed",
            Self::Bad => "bad",
            Self::Doubt => "doubt",
            Self::Calm => "calm",
            Self::Due => "due",
            Self::Busy => "busy",
            Self::Muted => "muted",
        }
    }

    /// What the chart calls it: `#0000NN`.
    const fn ink(self) -> RGBColor {
        match self {
            Self::Good => RGBColor(0, 0, 1),
            Self::Missed => RGBColor(0, 0, 2),
            Self::Bad => RGBColor(0, 0, 3),
            Self::Doubt => RGBColor(0, 0, 4),
            Self::Calm => RGBColor(0, 0, 5),
            Self::Due => RGBColor(0, 0, 6),
            Self::Busy => RGBColor(0, 0, 7),
            Self::Muted => RGBColor(0, 0, 8),
        }
    }
}

/// Words beside a chart.
const WORDS: RGBColor = RGBColor(0, 1, 0);
/// What matters in a chart.
const INK: RGBColor = RGBColor(0, 1, 1);
/// Lines behind a chart.
const LINES: RGBColor = RGBColor(0, 1, 2);

/// For which page a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// One with room.
    Wide,
    /// A phone.
    Narrow,
}

impl Page {
    /// Of the drawing, in pixels.
    const fn width(self) -> u32 {
        match self {
            Self::Wide => 640,
            Self::Narrow => 340,
        }
    }

    /// Of the words. A narrow drawing is made smaller still on the narrowest pages.
    fn words(self, ink: &RGBColor) -> TextStyle<'_> {
        let size = match self {
            Self::Wide => 14.0,
            Self::Narrow => 16.0,
        };
        TextStyle::from(("sans-serif", size * SMALLER)).color(ink)
    }
}

/// One column or bar: its name, and how much of what.
pub struct Bar {
    /// What stands at it.
    pub name: String,
    /// Its parts, in order.
    pub parts: Vec<(Tone, u64)>,
}

impl Bar {
    fn total(&self) -> u64 {
        self.parts.iter().map(|(_, count)| count).sum()
    }
}

/// Why there is no chart.
pub type NoChart = DrawingAreaErrorKind<std::io::Error>;

/// Height of a chart of columns.
const COLUMNS_HEIGHT: u32 = 220;
/// Room of a bar with its name above.
const BAR_HEIGHT: u32 = 46;
/// Room of the numbers under the bars.
const SCALE_HEIGHT: u32 = 26;
/// What plotters makes words smaller by.
const SMALLER: f64 = 1.24;

/// Columns side by side, one for each hour of the day.
///
/// # Errors
/// None that is known: it is drawn into memory.
pub fn columns(bars: &[Bar], page: Page) -> Result<String, NoChart> {
    let mut svg = String::new();
    {
        let area = SVGBackend::with_string(&mut svg, (page.width(), COLUMNS_HEIGHT));
        let area = area.into_drawing_area();
        let steps = Steps::up_to(bars.iter().map(Bar::total).max().unwrap_or(0), 4);
        let width = float(u64::try_from(bars.len()).unwrap_or(0));
        let every = match page {
            Page::Wide => 2,
            Page::Narrow => 6,
        };
        let hours = (0..=bars.len()).step_by(every);
        let hours: Vec<f64> = hours
            .map(|hour| float(u64::try_from(hour).unwrap_or(0)))
            .collect();
        let mut chart = ChartBuilder::on(&area)
            .margin_top(8)
            // Half of the last number.
            .margin_right(12)
            .x_label_area_size(SCALE_HEIGHT)
            .y_label_area_size(steps.room())
            .build_cartesian_2d(Scale::new(width, hours), steps.scale())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(LINES)
            .light_line_style(TRANSPARENT)
            .axis_style(LINES)
            .label_style(page.words(&WORDS))
            .x_label_formatter(&|hour| format!("{hour:.0}"))
            .y_label_formatter(&|count| format!("{count:.0}"))
            .draw()?;
        for (place, bar) in bars.iter().enumerate() {
            let left = float(u64::try_from(place).unwrap_or(0));
            let mut from = 0.0;
            for (tone, count) in bar.parts.iter().filter(|(_, count)| *count > 0) {
                let to = from + float(*count);
                let corners = [(left + 0.12, from), (left + 0.88, to)];
                chart.draw_series([Rectangle::new(corners, tone.ink().filled())])?;
                from = to;
            }
        }
        area.present()?;
    }
    Ok(svg)
}

/// Bars under each other, with their names and totals.
///
/// # Errors
/// None that is known: it is drawn into memory.
pub fn bars(bars: &[Bar], page: Page) -> Result<String, NoChart> {
    let mut svg = String::new();
    {
        let rows = u32::try_from(bars.len()).unwrap_or(0);
        let size = (page.width(), rows * BAR_HEIGHT + SCALE_HEIGHT);
        let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        let steps = Steps::up_to(bars.iter().map(Bar::total).max().unwrap_or(0), 4);
        let mut chart = ChartBuilder::on(&area)
            // Half of the first number.
            .margin_left(5)
            // The longest bar's total stands behind it.
            .margin_right(52)
            .x_label_area_size(SCALE_HEIGHT)
            // From above.
            .build_cartesian_2d(steps.scale(), f64::from(rows)..0.0)?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .disable_y_axis()
            .bold_line_style(LINES)
            .light_line_style(TRANSPARENT)
            .axis_style(TRANSPARENT)
            .label_style(page.words(&WORDS))
            .x_label_formatter(&|count| format!("{count:.0}"))
            .draw()?;
        let (name, words) = (page.words(&INK), page.words(&WORDS));
        for (place, bar) in bars.iter().enumerate() {
            let top = float(u64::try_from(place).unwrap_or(0));
            let shown = shorten(&bar.name, page);
            chart.draw_series([Text::new(shown, (0.0, top + 0.12), name.clone())])?;
            let mut from = 0.0;
            for (tone, count) in bar.parts.iter().filter(|(_, count)| *count > 0) {
                let to = from + float(*count);
                let corners = [(from, top + 0.52), (to, top + 0.92)];
                chart.draw_series([Rectangle::new(corners, tone.ink().filled())])?;
                from = to;
            }
            let total = EmptyElement::at((from, top + 0.56))
                + Text::new(bar.total().to_string(), (6, 0), words.clone());
            chart.draw_series([total])?;
        }
        area.present()?;
    }
    Ok(svg)
}

/// A name that fits above its bar.
fn shorten(name: &str, page: Page) -> String {
    let most = match page {
        Page::Wide => 60,
        Page::Narrow => 34,
    };
    if name.chars().count() <= most {
        return name.to_owned();
    }
    let mut short: String = name.chars().take(most - 1).collect();
    short.push('…');
    short
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of calls, drawn in pixels"
)]
fn float(count: u64) -> f64 {
    count as f64
}

/// A direction of a chart, from 0, with numbers at these points.
struct Scale {
    range: RangedCoordf64,
    points: Vec<f64>,
}

impl Scale {
    fn new(most: f64, points: Vec<f64>) -> Self {
        Self {
            range: (0.0..most).into(),
            points,
        }
    }
}

impl Ranged for Scale {
    type FormatOption = DefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        self.range.map(value, limit)
    }

    fn key_points<H: KeyPointHint>(&self, _: H) -> Vec<f64> {
        self.points.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.range()
    }
}

/// Numbers of a scale: whole ones, a few of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Steps {
    step: u64,
    steps: u64,
}

impl Steps {
    /// A scale that reaches `most`, of `wanted` steps or a few more.
    fn up_to(most: u64, wanted: u64) -> Self {
        let most = most.max(1);
        let mut size: u64 = 1;
        let step = 'found: loop {
            for times in [1, 2, 5] {
                let step = size.saturating_mul(times);
                if most.div_ceil(step) <= wanted {
                    break 'found step;
                }
            }
            size = size.saturating_mul(10);
        };
        Self {
            step,
            steps: most.div_ceil(step),
        }
    }

    fn most(self) -> u64 {
        self.step.saturating_mul(self.steps)
    }

    fn scale(self) -> Scale {
        let points = (0..=self.steps).map(|nth| float(nth * self.step));
        Scale::new(float(self.most()), points.collect())
    }

    /// How many pixels its longest number takes.
    fn room(self) -> u32 {
        let digits = self.most().to_string().len();
        u32::try_from(digits).unwrap_or(0) * 10 + 12
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn some() -> Vec<Bar> {
        vec![
            Bar {
                name: "Sales & <Support>".to_owned(),
                parts: Tone::ALL.iter().map(|tone| (*tone, 3)).collect(),
            },
            Bar {
                name: "x".repeat(200),
                parts: vec![(Tone::Good, 0)],
            },
        ]
    }

    #[test]
    fn a_chart_has_no_style_of_its_own_and_every_colour_in_it_has_one_in_the_style_sheet() {
        let style = include_str!("../admin.css");
        for page in [Page::Wide, Page::Narrow] {
            for svg in [
                columns(&some(), page).unwrap(),
                bars(&some(), page).unwrap(),
            ] {
                assert!(svg.starts_with("<svg") && svg.trim_end().ends_with("</svg>"));
                assert!(
                    !svg.contains("style") && !svg.contains("<script") && !svg.contains("href")
                );
                let mut colours = 0;
                for part in svg.split(['"']).filter(|part| part.starts_with('#')) {
                    assert!(style.contains(&format!("\"{part}\"")), "{part}");
                    colours += 1;
                }
                assert!(colours > 8, "{svg}");
            }
        }
        for tone in Tone::ALL {
            assert!(
                style.contains(&format!(".key.{}", tone.class())),
                "{tone:?}"
            );
        }
    }

    #[test]
    fn names_are_text_and_not_too_long() {
        let svg = bars(&some(), Page::Narrow).unwrap();
        assert!(svg.contains("Sales &amp; &lt;Support&gt;"), "{svg}");
        assert!(svg.contains('…') && !svg.contains(&"x".repeat(40)));
    }

    #[test]
    fn nothing_at_all_can_be_drawn_too() {
        columns(&[], Page::Wide).unwrap();
        bars(&[], Page::Narrow).unwrap();
    }

    proptest! {
        #[test]
        fn a_scale_reaches_its_most_in_a_few_whole_steps(most in prop_oneof![0_u64..2_000, any::<u32>().prop_map(u64::from)]) {
            let scale = Steps::up_to(most, 4);
            prop_assert!(scale.most() >= most.max(1));
            prop_assert!((1..=4).contains(&scale.steps));
            prop_assert!(scale.most() - scale.step < most.max(1), "no step is in vain");
        }
    }
}
