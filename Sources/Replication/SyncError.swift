public import ProfileModel

/// Why a session ended early, or what it warns of.
///
/// The same codes travel in refusals; a code that this version does not know is passed on as it came.
public struct SyncError: CodedError, Hashable {
    public let code: String
    public let parameters: [String: String]
    public let retry: RetryAdvice

    public init(_ code: String, _ parameters: [String: String] = [:], retry: RetryAdvice = .afterSomeoneActs) {
        self.code = code
        self.parameters = parameters
        self.retry = retry
    }

    /// The neighbour belongs to another deployment.
    public static func otherDeployment(_ name: String) -> SyncError { SyncError("sync.other-deployment", ["name": name]) }
    private static let noCommonProtocolCode = "sync.no-common-protocol"
    /// The two versions have no protocol in common, as the side says that was called.
    static func noCommonProtocol(_ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>) -> SyncError {
        SyncError(noCommonProtocolCode, ["ours": text(ours), "theirs": text(theirs)])
    }
    /// The same as the caller says it, with the side that must be updated.
    static func outdated(_ ours: ClosedRange<Int>, _ theirs: ClosedRange<Int>) -> SyncError {
        SyncError(
            ours.upperBound < theirs.lowerBound ? "sync.outdated-here" : "sync.outdated-there",
            ["ours": text(ours), "theirs": text(theirs)])
    }
    private static func text(_ versions: ClosedRange<Int>) -> String {
        versions.count == 1 ? "\(versions.lowerBound)" : "\(versions.lowerBound)-\(versions.upperBound)"
    }
    private static func versions(_ text: String?) -> ClosedRange<Int>? {
        let bounds = (text ?? "").split(separator: "-").map { Int($0) }
        guard let lower = bounds.first ?? nil, let upper = bounds.last ?? nil, lower <= upper else { return nil }
        return lower...upper
    }
    /// The token is for another node.
    public static func notAdmitted(_ name: String) -> SyncError { SyncError("sync.not-admitted", ["name": name]) }
    /// Another node uses this name.
    public static func nameTaken(_ name: String) -> SyncError { SyncError("sync.name-taken", ["name": name]) }
    /// A message does not follow the protocol.
    public static func garbage(_ part: String) -> SyncError { SyncError("sync.garbage", ["part": part], retry: .never) }
    /// A frame or a message is over its limit.
    public static let frameTooLarge = SyncError("sync.frame-too-large")
    /// A store called itself, or a copy that still writes under the same life.
    public static let sameStore = SyncError("sync.same-store")
    /// The neighbour's store began another life during the session.
    public static let lifeChanged = SyncError("sync.life-changed", retry: .afterBackOff)
    /// The neighbour's cursor is behind what the caller believes.
    public static let cursorMoved = SyncError("sync.cursor-moved", retry: .afterBackOff)
    /// A node holds other scopes than it did when the session began.
    public static let scopesChanged = SyncError("sync.scopes-changed", retry: .afterBackOff)
    /// A warning: the neighbour's token for this node does not reach all that this node holds.
    public static func notGranted(_ name: String, scopes: String) -> SyncError {
        SyncError("sync.not-granted", ["name": name, "scopes": scopes])
    }
    /// A warning: rows that this node may not write there wait in the neighbour's review queue.
    public static func outside(_ name: String, rows: Int) -> SyncError {
        SyncError("sync.outside", ["name": name, "rows": "\(rows)"])
    }
    /// A body ended before its end.
    public static let cut = SyncError("sync.cut", retry: .afterBackOff)
    /// A row that was asked for whole did not come.
    public static let rowMissing = SyncError("sync.row-missing", retry: .afterBackOff)
    /// The neighbour failed for a reason of its own.
    public static func failedThere(_ status: Int) -> SyncError {
        SyncError("sync.failed-there", ["status": "\(status)"], retry: .afterBackOff)
    }
    /// A warning: the two clocks differ by more than five minutes.
    public static func clockOff(_ name: String, microseconds: Int64) -> SyncError {
        SyncError("sync.clock-off", ["name": name, "seconds": "\(microseconds / 1_000_000)"])
    }
    /// The neighbour goes on telling of another copy of this store though it has just begun a new life.
    public static func behindOwnFeed(_ name: String) -> SyncError { SyncError("sync.behind-own-feed", ["name": name]) }
    static let readOnlyCode = "sync.read-only"
    /// The neighbour takes nothing from this node; a warning where the session goes on without a push.
    public static func readOnly(_ name: String) -> SyncError { SyncError(readOnlyCode, ["name": name]) }
    static let copiedCode = "sync.copied"
    /// A warning: this store was copied or put back unnoticed, as the neighbour's knowledge shows, and has begun a new life.
    public static func copied(_ name: String, machine: String, by neighbour: String) -> SyncError {
        SyncError(copiedCode, ["name": name, "machine": machine, "by": neighbour])
    }
    /// The same of the neighbour's store.
    public static func neighbourCopied(_ name: String, machine: String) -> SyncError {
        SyncError("sync.neighbour-copied", ["name": name, "machine": machine])
    }
    /// A warning: another node answers at this address.
    public static func otherNode(_ name: String) -> SyncError { SyncError("sync.other-node", ["name": name]) }

    /// What ends a session, as a code that can travel.
    static func travelling(_ error: any Error) -> SyncError {
        guard let error = error as? any CodedError else { return SyncError("sync.failed-there", ["status": "500"], retry: .afterBackOff) }
        if error.code == "wire.too-large" { return .frameTooLarge }
        return SyncError(error.code, error.parameters, retry: error.retry)
    }

    /// The HTTP status under which a refusal travels.
    var status: Int {
        switch code {
        case "sync.not-admitted", SyncError.readOnlyCode: 403
        case "sync.frame-too-large": 413
        case "sync.garbage", "sync.cut": 400
        case _ where code.hasPrefix("wire."): 400
        case _ where code.hasPrefix("sync.") && code != "sync.failed-there": 409
        default: retry == .afterBackOff ? 503 : 500
        }
    }
}

extension SyncError {
    /// Why a request was refused, as its answer says or as its status lets one guess.
    static func refusal(status: Int, body: [UInt8], own: ReplicaIdentity?) -> SyncError {
        if let refusal = try? MessageCoder.message(Refusal.self, from: body) {
            // The side that was called speaks of itself as ours.
            if refusal.code == noCommonProtocolCode, let theirs = versions(refusal.parameters["ours"]),
                let ours = versions(refusal.parameters["theirs"]) {
                return outdated(ours, theirs)
            }
            return SyncError(refusal.code, refusal.parameters, retry: status == 503 ? .afterBackOff : .afterSomeoneActs)
        }
        switch status {
        case 401, 403: return .notAdmitted(own?.nodeName ?? "")
        case 413: return .frameTooLarge
        default: return .failedThere(status)
        }
    }
}
