/// The one part of a hello, of a comparison's request and of their answers that every version reads: `[lowest, highest]`.
///
/// It is read before anything else, so that a message of a form that this version does not know is refused for its version.
struct ProtocolOffer: Decodable {
    var `protocol`: [Int]

    /// - Throws: `sync.garbage`.
    private static func range(of message: [UInt8]) throws -> ClosedRange<Int> {
        let offer = try MessageCoder.message(ProtocolOffer.self, from: message).protocol
        guard offer.count == 2, offer[0] <= offer[1] else { throw SyncError.garbage("protocol") }
        return offer[0]...offer[1]
    }

    /// The highest version that both sides speak, for the answer to a request.
    ///
    /// - Throws: `sync.no-common-protocol`, `sync.garbage`.
    static func chosen(for request: [UInt8], among ours: ClosedRange<Int>) throws -> Int {
        let theirs = try range(of: request)
        guard ours.overlaps(theirs) else { throw SyncError.noCommonProtocol(ours, theirs) }
        return min(ours.upperBound, theirs.upperBound)
    }

    /// Checks that an answer chose one version, and one that is spoken here.
    ///
    /// - Throws: `sync.outdated-here`, `sync.outdated-there`, `sync.garbage`.
    static func check(choiceIn answer: [UInt8], among ours: ClosedRange<Int>) throws {
        let theirs = try range(of: answer)
        guard ours.overlaps(theirs) else { throw SyncError.outdated(ours, theirs) }
        guard theirs.count == 1 else { throw SyncError.garbage("protocol") }
    }
}
