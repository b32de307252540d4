internal import Causality
internal import Foundation
internal import GRDB
internal import ProfileModel

extension UniqueID {
    /// The sixteen bytes as the database binds them.
    var data: Data { Data(bytes) }
}

extension FieldID {
    /// Whether a value of the field names a customer in `FIELD:VALUE`.
    var isReference: Bool {
        guard let name = FieldCatalogue.standard[self]?.name else { return false }
        return name == "phone" || name == "email" || name == "code"
    }
}

extension [UInt8] {
    /// The bytes as the database binds them.
    var data: Data { Data(self) }
}

extension Row {
    /// A column's bytes.
    func bytes(_ column: String) -> [UInt8]? { (self[column] as Data?).map { [UInt8]($0) } }

    /// A column's sixteen bytes as an id.
    func id(_ column: String) throws -> UniqueID {
        guard let id = try optionalID(column) else { throw RowBytes.damaged(column) }
        return id
    }

    func optionalID(_ column: String) throws -> UniqueID? {
        guard let bytes = bytes(column) else { return nil }
        guard let id = UniqueID(bytes: bytes) else { throw RowBytes.damaged(column) }
        return id
    }
}
