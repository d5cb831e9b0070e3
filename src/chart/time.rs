//! A moment, as Go's `time.Time` has it.

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Time {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    pub nanoseconds: u32,
    /// Seconds that the zone's clock is ahead of UTC.
    pub offset: i32,
}
