import Foundation

/// Texts: normalization form C (Unicode Standard Annex 15), white space put in order, no control characters.
extension StandardForm {
    /// Appends a text that begins and ends without ASCII white space.
    func appendText(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var previous: UInt8 = 0, isPlain = true
        for unit in bytes {
            // Printable ASCII, and no space after a space.
            if unit &- 0x20 > 0x5E || unit | previous == 0x20 {
                isPlain = false
                break
            }
            previous = unit
        }
        let start = output.count
        if isPlain {
            output.append(contentsOf: bytes)
        } else if keepsLines {
            try appendLines(bytes, to: &output)
        } else {
            try appendSingleLine(bytes, to: &output)
        }
        try checkLength(of: output, from: start)
    }

    func checkLength(of output: [UInt8], from start: Int) throws(FormProblem.Reason) {
        guard output.count - start > maximumLength else { return }
        var scalars = 0
        for unit in output[start...] where unit & 0xC0 != 0x80 { scalars += 1 }
        if scalars > maximumLength { throw .tooLong }
    }

    /// Appends words with one space between them.
    private func appendSingleLine(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let start = output.count
        var index = 0, spaceIsDue = false, mayDecompose = false
        while index < bytes.count {
            guard let scalar = bytes.scalar(at: &index) else { throw .notUTF8 }
            switch ScalarClass(scalar) {
            case .visible:
                if spaceIsDue { output.append(0x20) }
                spaceIsDue = false
                output.append(scalar: scalar)
                mayDecompose = mayDecompose || !NormalizationFormC.surelyHolds(scalar)
            case .space, .lineBreak: spaceIsDue = output.count > start
            case .ignorable: break
            case .control: throw .controlCharacter
            }
        }
        if mayDecompose { NormalizationFormC.normalize(&output, from: start) }
    }

    /// Appends lines as they are, with line feeds between them and no white space at the end.
    private func appendLines(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        let start = output.count
        var index = 0, end = start, mayDecompose = false, followsReturn = false
        while index < bytes.count {
            guard let scalar = bytes.scalar(at: &index) else { throw .notUTF8 }
            switch ScalarClass(scalar) {
            case .visible:
                output.append(scalar: scalar)
                end = output.count
                mayDecompose = mayDecompose || !NormalizationFormC.surelyHolds(scalar)
            case .space: if end > start { output.append(scalar: scalar) }
            case .lineBreak: if end > start, !(scalar == 0x0A && followsReturn) { output.append(0x0A) }
            case .ignorable: break
            case .control: throw .controlCharacter
            }
            followsReturn = scalar == 0x0D
        }
        output.removeSubrange(end...)
        if mayDecompose { NormalizationFormC.normalize(&output, from: start) }
    }
}

/// What a scalar is to a text.
enum ScalarClass {
    case visible, space, lineBreak, control
    /// Invisible marks that arrive with what is pasted: zero-width spaces, byte order marks, directions.
    case ignorable

    init(_ scalar: UInt32) {
        switch scalar {
        case 0x21...0x7E: self = .visible
        case 0x20, 0x09: self = .space
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: self = .lineBreak
        case ..<0x20, 0x7F...0x9F: self = .control
        case 0xA0, 0x1680, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: self = .space
        case 0xAD, 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2060, 0x2066...0x2069, 0xFEFF: self = .ignorable
        case 0xFFFE, 0xFFFF: self = .control
        default: self = .visible
        }
    }
}

/// Normalization form C, with a quick answer for nearly all texts.
enum NormalizationFormC {
    /// Whether a text of such scalars alone is in form C: none of them decomposes, combines or is reordered.
    static func surelyHolds(_ scalar: UInt32) -> Bool {
        switch scalar {
        case ..<0x300, 0x3400...0x9FFF, 0x3000...0x3029, 0x3030...0x3098, 0x309B...0x33FF, 0xFF00...0xFFEF: true
        case 0x0400...0x0482, 0x048A...0x052F, 0x2010...0x2125, 0x2190...0x2328, 0x2400...0x2ADB: true
        case 0xAC00...0xD7A3, 0xFE0F, 0x1_F000...0x1_FAFF, 0x2_0000...0x2_F7FF, 0x3_0000...0x3_FFFF: true
        default: false
        }
    }

    /// Puts the bytes from `start`, which are valid UTF-8, into form C.
    static func normalizeIfNeeded(_ output: inout [UInt8], from start: Int) {
        let holds = output.withUnsafeBufferPointer { bytes in
            let bytes = UTF8Bytes(rebasing: bytes[start...])
            var index = 0
            while index < bytes.count {
                guard let scalar = bytes.scalar(at: &index), surelyHolds(scalar) else { return false }
            }
            return true
        }
        if !holds { normalize(&output, from: start) }
    }

    /// Puts the bytes from `start` into form C.
    static func normalize(_ output: inout [UInt8], from start: Int) {
        let text = String(decoding: output[start...], as: UTF8.self)
        output.removeSubrange(start...)
        output.append(contentsOf: text.precomposedStringWithCanonicalMapping.utf8)
    }
}

/// Texts of types that are written in ASCII, as input methods for Chinese leave them.
enum NarrowText {
    /// Folds full-width characters, dashes, quotes and spaces to ASCII, and drops invisible marks.
    static func fold(_ bytes: UTF8Bytes) throws(FormProblem.Reason) -> [UInt8] {
        var folded: [UInt8] = []
        folded.reserveCapacity(bytes.count)
        var index = 0, end = 0
        while index < bytes.count {
            guard let scalar = bytes.scalar(at: &index) else { throw .notUTF8 }
            let narrow = self.narrow(scalar)
            switch ScalarClass(narrow) {
            case .visible:
                folded.append(scalar: narrow)
                end = folded.count
            case .space, .lineBreak: if end > 0 { folded.append(0x20) }
            case .ignorable: break
            case .control: throw .controlCharacter
            }
        }
        folded.removeSubrange(end...)
        return folded
    }

    static func narrow(_ scalar: UInt32) -> UInt32 {
        switch scalar {
        case 0xFF01...0xFF5E: scalar - 0xFEE0
        case 0x2010...0x2015, 0x2212: 0x2D
        case 0x2018, 0x2019: 0x27
        case 0xFFE5: 0xA5
        default: scalar
        }
    }
}
