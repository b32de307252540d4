internal import CEmbeddedFiles

/// A file of `schema/` that is compiled into the program.
public enum EmbeddedFile {
    /// The bytes of the file with this path below `schema/`; they live as long as the process.
    ///
    /// - Complexity: linear in the number of embedded files, which is small.
    public static func bytes(_ name: String) -> UnsafeBufferPointer<UInt8>? {
        var index = 0
        while let file = limn_embedded_file_at(index) {
            if String(cString: file.pointee.name) == name {
                return UnsafeBufferPointer(start: file.pointee.bytes, count: file.pointee.length)
            }
            index += 1
        }
        return nil
    }

    /// The bytes of all files below a folder of `schema/`, such as `messages/`.
    public static func all(in folder: String) -> [UnsafeBufferPointer<UInt8>] {
        var found: [UnsafeBufferPointer<UInt8>] = []
        var index = 0
        while let file = limn_embedded_file_at(index) {
            if String(cString: file.pointee.name).hasPrefix(folder) {
                found.append(UnsafeBufferPointer(start: file.pointee.bytes, count: file.pointee.length))
            }
            index += 1
        }
        return found
    }

    /// The text of the file with this path below `schema/`.
    public static func text(_ name: String) -> String? {
        bytes(name).map { String(decoding: $0, as: UTF8.self) }
    }
}
