public import Causality
public import ProfileModel

/// Clock, randomness and what else a node finds around itself: injected, so that a fleet of nodes runs deterministically in a
/// test, and programs of several versions in one.
public protocol NodeEnvironment: Sendable {
    /// The wall clock.
    func now() -> Stamp
    /// 64 random bits, fit for keys.
    func random() -> UInt64
    /// A folder for what a store keeps outside itself, to notice that it was put back; nil keeps nothing.
    var stateFolder: String? { get }
    /// A name for the place of every store; nil where the machine and the file tell.
    var storePlace: String? { get }
    /// The fields that this version of the program knows.
    var knownFields: FieldCatalogue { get }
}

extension NodeEnvironment {
    public var stateFolder: String? { nil }
    public var storePlace: String? { nil }
    public var knownFields: FieldCatalogue { .standard }
}

extension NodeEnvironment {
    /// A new version 7 identifier.
    public func newID() -> UniqueID {
        .version7(unixMilliseconds: now().rawValue / 1000, random: (random(), random()))
    }
}

/// The machine's own clock and random numbers.
public struct SystemEnvironment: NodeEnvironment {
    public let stateFolder: String?

    public init(stateFolder: String? = nil) { self.stateFolder = stateFolder }

    /// The machine's time.
    public func now() -> Stamp { Stamp(rawValue: WallClock.microseconds()) }

    /// Bits of the system's generator, which is fit for keys.
    public func random() -> UInt64 {
        var generator = SystemRandomNumberGenerator()
        return generator.next()
    }
}
