package import Causality
internal import MergeVectors
internal import NodeEnvironment
package import ProfileModel
internal import Synchronization

/// A clock that stands still but for a given step at each look, and random numbers from a seed.
package final class SimulatedEnvironment: NodeEnvironment {
    private struct State {
        var nowMicroseconds: Int64
        var stepMicroseconds: Int64
        var random: SplitMix64
        var knownFields: FieldCatalogue
    }

    private let state: Mutex<State>
    private let prefix: UInt8
    package let storePlace: String?
    package let stateFolder: String?

    /// - Parameters:
    ///   - prefix: the first byte of every random number, so that origins of nodes are in the order of their prefixes.
    ///   - storePlace: the same for stores that do not notice that they are copies.
    ///   - knownFields: more than the catalogue's for a program of a later version.
    package init(
        prefix: UInt8, seed: UInt64 = 1, nowMicroseconds: Int64 = 1_767_225_600_000_000, stepMicroseconds: Int64 = 1_000,
        storePlace: String? = nil, stateFolder: String? = nil, knownFields: FieldCatalogue = .standard
    ) {
        self.prefix = prefix
        self.storePlace = storePlace
        self.stateFolder = stateFolder
        state = Mutex(State(
            nowMicroseconds: nowMicroseconds, stepMicroseconds: stepMicroseconds, random: SplitMix64(seed: seed &+ UInt64(prefix) << 32),
            knownFields: knownFields))
    }

    package var knownFields: FieldCatalogue { state.withLock { $0.knownFields } }

    /// From the next opening on the program is one that knows these fields.
    package func know(_ fields: FieldCatalogue) { state.withLock { $0.knownFields = fields } }

    package func now() -> Stamp {
        state.withLock {
            $0.nowMicroseconds += $0.stepMicroseconds
            return Stamp(rawValue: $0.nowMicroseconds)
        }
    }

    package func random() -> UInt64 { UInt64(prefix) << 56 | state.withLock { $0.random.next() } >> 8 }

    /// Sets the clock, forward or back.
    package func set(nowMicroseconds: Int64) { state.withLock { $0.nowMicroseconds = nowMicroseconds } }

    package func advance(microseconds: Int64) { state.withLock { $0.nowMicroseconds += microseconds } }
}
