import Foundation

/// The random source of these tests: small, and for one seed the same on every machine.
///
/// Source: Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators" (2014).
package struct SplitMix64: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    /// The source of one history of a run; of all that have the same seed each is another.
    package init(seed: UInt64, history: Int) { self.init(seed: seed &* 0x9e37_79b9 &+ UInt64(history) &* 0xd134_2543_de82_ef95) }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }

    package mutating func below(_ count: Int) -> Int { Int(truncatingIfNeeded: next() >> 33) % count }

    package mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    package mutating func pick<Element>(_ choices: [Element]) -> Element { choices[below(choices.count)] }
}

/// What a test found wrong.
package struct Disagreement: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The seed of this run: from `LIMN_SEED` where it is set, so that a failure can be replayed; else drawn anew.
package enum TestSeed {
    package static let value: UInt64 = {
        let given = ProcessInfo.processInfo.environment["LIMN_SEED"].flatMap { UInt64($0) }
        let seed = given ?? UInt64.random(in: 0..<1 << 32)
        print("LIMN_SEED=\(seed)")
        return seed
    }()

    /// Runs a body with `count` random sources; what it throws is thrown on with the seed that replays it.
    package static func forEach(_ count: Int, _ body: (inout SplitMix64) throws -> Void) throws {
        for index in 0..<count {
            var random = SplitMix64(seed: value, history: index)
            do {
                try body(&random)
            } catch {
                throw Disagreement("LIMN_SEED=\(value), history \(index): \(error)")
            }
        }
    }
}
