internal import DataExchange
internal import Foundation
internal import ProfileModel

/// What the columns of a table mean, as a file says: one JSON object of column titles and names of fields.
public struct ColumnMap: Sendable {
    /// The longest file, in bytes: 256 KiB, more than 4,096 columns need.
    public static let bytesMaximum = 256 << 10

    /// A title and a field for each column that a table can have.
    private static let tokensMaximum = 2 * TableLimits.columns + 2

    /// Names of fields by titles.
    public let fields: [String: String]

    /// Reads the bytes of a file; nil where it is no such object, or is longer than `bytesMaximum`.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= ColumnMap.bytesMaximum, JSONTokens.count(in: bytes) <= ColumnMap.tokensMaximum,
            let fields = try? JSONDecoder().decode([String: String].self, from: Data(bytes)) else { return nil }
        self.fields = fields
    }
}
