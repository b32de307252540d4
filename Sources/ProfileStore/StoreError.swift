internal import Causality
internal import Foundation
internal import GRDB
public import ProfileModel

/// What can go wrong with a store.
public struct StoreError: CodedError, Equatable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .never) {
        self.code = code
        self.parameters = parameters
        self.retry = retry
    }

    /// There is no store in this folder.
    static func missing(_ home: String) -> StoreError { StoreError("store.missing", ["home": home], retry: .afterSomeoneActs) }

    /// The store was written by a newer version; it is left untouched.
    static func schemaTooNew(found: Int, known: Int) -> StoreError {
        StoreError("store.schema-too-new", ["found": String(found), "known": String(known)], retry: .afterSomeoneActs)
    }

    /// No row is called this.
    public static func noSuchRecord(_ name: String) -> StoreError { StoreError("store.no-such-record", ["record": name]) }

    /// The row, or the customer to which it belongs, is erased for ever.
    static func erased(_ row: RowID) -> StoreError { StoreError("store.erased", ["record": row.description]) }

    public var isErased: Bool { code == "store.erased" }

    /// Several records are called this.
    static func ambiguousRecord(_ name: String, _ count: Int) -> StoreError {
        StoreError("store.ambiguous-record", ["record": name, "count": String(count)])
    }

    /// A row would be larger than replicas exchange.
    static func rowTooLarge(_ row: String) -> StoreError { StoreError("store.row-too-large", ["record": row]) }

    /// An error of SQLite by its result code, without its message's values.
    static func from(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let parameters = ["path": path, "reason": "SQLite \(error.resultCode.rawValue)"]
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return StoreError("store.busy", parameters, retry: .afterBackOff)
        case .SQLITE_FULL: return StoreError("store.full", parameters, retry: .afterSomeoneActs)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_AUTH: return StoreError("store.read-only", parameters, retry: .afterSomeoneActs)
        case .SQLITE_CANTOPEN, .SQLITE_IOERR: return StoreError("store.unreadable", parameters, retry: .afterSomeoneActs)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return StoreError("store.damaged", parameters, retry: .afterSomeoneActs)
        default:
            return StoreError("store.failed", ["path": path, "reason": "\(error.resultCode.rawValue) \(error.message ?? "")"])
        }
    }

    /// An error of the file system's by its number.
    static func from(file error: any Error, path: String) -> any Error {
        if error is any CodedError { return error }
        if error is DatabaseError { return from(error, path: path) }
        let cause = error as NSError
        let number = (error as? CocoaError)?.code == .fileWriteOutOfSpace ? Int(ENOSPC) : ((cause.userInfo[NSUnderlyingErrorKey] as? NSError) ?? cause).code
        let parameters = ["path": path, "reason": String(cString: strerror(Int32(truncatingIfNeeded: number)))]
        switch Int32(truncatingIfNeeded: number) {
        case ENOSPC, EDQUOT, EFBIG: return StoreError("store.full", parameters, retry: .afterSomeoneActs)
        case EROFS, EACCES, EPERM: return StoreError("store.read-only", parameters, retry: .afterSomeoneActs)
        default: return StoreError("store.unreadable", parameters, retry: .afterSomeoneActs)
        }
    }
}
