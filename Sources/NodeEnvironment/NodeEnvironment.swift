public import Causality

/// Clock and randomness as a node uses them: injected, so that a fleet of nodes runs deterministically in a test.
public protocol NodeEnvironment: Sendable {
    /// The wall clock.
    func now() -> Stamp
    /// 64 random bits, fit for keys.
    func random() -> UInt64
}

extension NodeEnvironment {
    /// A new version 7 identifier.
    public func newID() -> UniqueID {
        .version7(unixMilliseconds: now().rawValue / 1000, random: (random(), random()))
    }
}

/// The machine's own clock and random numbers.
public struct SystemEnvironment: NodeEnvironment {
    public init() {}

    /// The machine's time.
    public func now() -> Stamp { Stamp(rawValue: WallClock.microseconds()) }

    /// Bits of the system's generator, which is fit for keys.
    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
