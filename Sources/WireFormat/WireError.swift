public import ProfileModel

/// Why bytes are no frame, or a row cannot become one.
public enum WireError: String, CodedError {
    /// The bytes end before the frame does.
    case truncated = "wire.truncated"
    /// The bytes do not follow the format.
    case garbage = "wire.garbage"
    /// A limit of `FrameLimits` is exceeded.
    case tooLarge = "wire.too-large"
    /// A newer version wrote the frame.
    case newerFormat = "wire.newer-format"
    /// The content does not match its hash.
    case badHash = "wire.bad-hash"

    public var code: String { rawValue }

    public var retry: RetryAdvice {
        switch self {
        case .truncated, .badHash: .afterBackOff
        case .garbage: .never
        case .tooLarge, .newerFormat: .afterSomeoneActs
        }
    }
}
