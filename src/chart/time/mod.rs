//! Moments and durations, as Go's `time` has them. There is no clock here and no zone but UTC and fixed offsets.

mod duration;
mod layout;
mod reading;

pub(in crate::chart) use duration::{duration_text, parse_duration};
pub(in crate::chart) use reading::parse;

/// A moment, as Go's `time.Time` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    pub nanoseconds: u32,
    /// Seconds that the zone's clock is ahead of UTC.
    pub offset: i32,
}

/// A moment by the calendar.
#[derive(Clone, Copy, Debug)]
pub(in crate::chart) struct Civil {
    pub year: i64,
    pub month: u32,
    pub day: u32,
    pub hour: u32,
    pub minute: u32,
    pub second: u32,
    /// Counted from Sunday.
    pub weekday: u32,
    /// Counted from one.
    pub year_day: u32,
}

const DAY: i64 = 86_400;

impl Time {
    /// The first of January of the year 1, which stands for no time.
    pub const ZERO: Self = Self { seconds: -62_135_596_800, nanoseconds: 0, offset: 0 };

    pub(in crate::chart) fn at(seconds: i64) -> Self {
        Self { seconds, nanoseconds: 0, offset: 0 }
    }

    pub(in crate::chart) fn civil(&self) -> Civil {
        let local = self.seconds.saturating_add(self.offset.into());
        let (days, second) = (local.div_euclid(DAY), local.rem_euclid(DAY) as u32);
        let (year, month, day) = date_of(days);
        let year_day = (days - days_before(year, 1, 1)) as u32 + 1;
        let weekday = (days + 4).rem_euclid(7) as u32;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        Civil { year, month, day, hour, minute, second, weekday, year_day }
    }

    /// Later by so many nanoseconds.
    #[must_use]
    pub(in crate::chart) fn plus(&self, nanoseconds: i64) -> Self {
        let all = i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds) + i128::from(nanoseconds);
        let seconds = all.div_euclid(1_000_000_000);
        Self { seconds: seconds as i64, nanoseconds: all.rem_euclid(1_000_000_000) as u32, ..*self }
    }

    pub(in crate::chart) fn format(&self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// As it is printed.
    pub(in crate::chart) fn to_text(self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }
}

/// Days since 1970 until a date of the calendar that has always been Gregorian.
pub(in crate::chart) fn days_before(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((i64::from(month) + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn date_of(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * shifted + 2) / 5 + 1) as u32;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 } as u32;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}
