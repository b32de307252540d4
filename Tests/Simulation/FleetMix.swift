internal import MergeVectors

/// What can happen in a history. Each history has some of it: what is rare where everything happens is frequent where little does.
package struct FleetMix: Sendable {
    /// A preset.
    package enum Kind: String, CaseIterable, Sendable {
        /// Every node holds everything.
        case whole
        /// Nodes hold territories, and people mostly move customers and write of those that move.
        case territories
        /// Anything.
        case all
    }

    let hasTerritories: Bool
    /// Of a hundred things that people do, so many are moves.
    let movesPercent: Int
    /// Disks that fail or fill, and power that goes.
    let hasDiskFaults: Bool
    /// Some programs are of a later release than others.
    let hasLaterVersions: Bool
    /// No time passes between steps, and all clocks agree.
    let areClocksStill: Bool
    /// Customers are erased for ever.
    let hasErasures: Bool
    /// Stores are put back to old copies.
    let hasOldCopies: Bool
    /// A field shows the source that is trusted most, and sources speak of it.
    let hasSourceOrder: Bool
    /// Some customers are organizations, and people belong to them.
    let hasAffiliations: Bool
    /// Something is done at one end of a session while it is under way.
    let interludesPercent: Int
    /// Sessions that are cut somewhere.
    let cutPercent: Int
    /// Sessions after which an old request arrives once more.
    let repetitionPercent: Int

    init(_ kind: Kind, _ random: inout SplitMix64) {
        hasTerritories = kind == .territories || kind == .all && random.chance(60)
        movesPercent = hasTerritories ? kind == .territories ? 25 : random.pick([5, 12, 25]) : 0
        hasDiskFaults = random.chance(35)
        hasLaterVersions = random.chance(30)
        areClocksStill = random.chance(25)
        hasErasures = random.chance(40)
        hasOldCopies = random.chance(50)
        hasSourceOrder = random.chance(25)
        hasAffiliations = random.chance(30)
        interludesPercent = random.pick([0, 0, 4, 15])
        cutPercent = random.pick([0, 30, 45, 80])
        repetitionPercent = random.pick([0, 10, 50])
    }
}
