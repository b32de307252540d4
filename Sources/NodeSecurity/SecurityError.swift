public import ProfileModel

/// Why a token cannot be used.
public enum SecurityError: CodedError, Equatable {
    /// `security.token-malformed`: the text is no token, or was not copied whole.
    case tokenMalformed
    /// `security.token-file-missing`: there is no such file.
    case tokenFileMissing(path: String)
    /// `security.token-file-unreadable`: the file is there and cannot be read as one.
    case tokenFileUnreadable(path: String, reason: String)

    public var code: String {
        switch self {
        case .tokenMalformed: "security.token-malformed"
        case .tokenFileMissing: "security.token-file-missing"
        case .tokenFileUnreadable: "security.token-file-unreadable"
        }
    }

    public var parameters: [String: String] {
        switch self {
        case .tokenMalformed: [:]
        case .tokenFileMissing(let path): ["path": path]
        case .tokenFileUnreadable(let path, let reason): ["path": path, "reason": reason]
        }
    }

    public var retry: RetryAdvice { .afterSomeoneActs }
}
