/// A hybrid logical clock reading in microseconds since 1970-01-01 UTC: shown to people, and used for ties only.
///
/// Source: Kulkarni et al., "Logical Physical Clocks" (2014); without the kept maximum, so that one wrong clock poisons
/// nobody.
public struct Stamp: RawRepresentable, Hashable, Comparable, Sendable {
    public let rawValue: Int64

    public init(rawValue: Int64) { self.rawValue = rawValue }

    public static func < (a: Stamp, b: Stamp) -> Bool { a.rawValue < b.rawValue }

    /// How far ahead of the wall clock a replaced stamp may be and still be followed: five minutes.
    public static let futureMaximumMicroseconds: Int64 = 300_000_000

    /// The stamp of a write made now over these stamps: after each of them that is at most `futureMaximum` ahead.
    public static func next(now: Stamp, after replaced: some Sequence<Stamp>, futureMaximum: Int64 = futureMaximumMicroseconds) -> Stamp {
        let horizon = now.rawValue.addingReportingOverflow(futureMaximum).partialValue
        return replaced.reduce(now) { latest, stamp in
            stamp.rawValue <= horizon && stamp >= latest ? Stamp(rawValue: stamp.rawValue + 1) : latest
        }
    }
}
