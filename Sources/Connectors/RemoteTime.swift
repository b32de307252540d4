internal import ProfileModel

/// Instants as systems write them.
public enum RemoteTime {
    /// RFC 3339, also with an offset without a colon; or a number of seconds, milliseconds or microseconds since 1970, told apart by its
    /// size. In microseconds; nil where it is none.
    public static func microseconds(_ value: JSON) -> Int64? { value.text.flatMap(microseconds) }

    /// The same of a text.
    public static func microseconds(_ text: String) -> Int64? {
        if let number = Int64(text) {
            switch abs(number) {
            case ..<100_000_000_000: return number * 1_000_000
            case ..<100_000_000_000_000: return number * 1_000
            default: return number
            }
        }
        return Timestamp.microseconds(text)
    }
}
