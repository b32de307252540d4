public import ProfileModel

/// Why a token or the key file cannot be used.
public enum SecurityError: CodedError, Equatable {
    /// `security.token-malformed`: the text is no token, or was not copied whole.
    case tokenMalformed
    /// `security.token-file-missing`: there is no such file.
    case tokenFileMissing(path: String)
    /// `security.token-file-unreadable`: the file is there and cannot be read as one.
    case tokenFileUnreadable(path: String, reason: String)
    /// `security.keys-open`: other users of the machine can read or change the key file.
    case keysOpen(path: String)
    /// `security.keys-unreadable`: the key file is there and cannot be read.
    case keysUnreadable(path: String, reason: String)
    /// `security.keys-unwritable`: the key file cannot be written.
    case keysUnwritable(path: String, reason: String)
    /// `security.keys-damaged`: the file is no key file, or one of a later version.
    case keysDamaged(path: String)

    public var code: String {
        switch self {
        case .tokenMalformed: "security.token-malformed"
        case .tokenFileMissing: "security.token-file-missing"
        case .tokenFileUnreadable: "security.token-file-unreadable"
        case .keysOpen: "security.keys-open"
        case .keysUnreadable: "security.keys-unreadable"
        case .keysUnwritable: "security.keys-unwritable"
        case .keysDamaged: "security.keys-damaged"
        }
    }

    public var parameters: [String: String] {
        switch self {
        case .tokenMalformed: [:]
        case .tokenFileMissing(let path), .keysOpen(let path), .keysDamaged(let path): ["path": path]
        case .tokenFileUnreadable(let path, let reason), .keysUnreadable(let path, let reason), .keysUnwritable(let path, let reason):
            ["path": path, "reason": reason]
        }
    }

    public var retry: RetryAdvice { .afterSomeoneActs }
}
