public import WireFormat

/// The limits of a session, and what is spoken in it.
public struct SyncLimits: Hashable, Sendable {
    /// Limits of each frame.
    public var frame = FrameLimits.standard
    /// Rows in the first frame of a feed; each next frame may hold twice as many.
    public var firstFrameRows = 64
    /// Rows that are read from a store at once, and asked for in one request.
    public var rowsAtOnce = SyncLimits.rowsAtOnceMaximum
    /// Rows that could not be rebuilt and wait to be fetched whole, before the rest of a stream is left for later.
    public var missingRowsMaximum = 4096
    /// Bytes of a JSON message.
    public var messageBytesMaximum = 1 << 20

    /// Changes on either side from which on a lost cursor is found anew by a comparison rather than by all rows.
    public var comparedChangesMinimum = 64
    /// The versions of the protocol that are spoken.
    public var versions = SyncProtocol.versions
    /// Bytes of a question or an answer of a comparison.
    public var comparisonBytesMaximum = 32 << 20

    public static let rowsAtOnceMaximum = 2048
    /// Origins that a message names to say whose writes have come from others.
    public static let learnedOriginsMaximum = 64
    /// Rows that a short reference may fit before the rest is left out.
    public static let fittingRowsMaximum = 64

    public init() {}
}
