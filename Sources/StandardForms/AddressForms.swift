/// Addresses on the Internet.
extension StandardForm {
    /// Appends an address in lower case: a local part of atoms and a domain with a point (RFC 5321, without quoted parts
    /// and address literals; letters beyond ASCII by RFC 6531).
    func appendEmail(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        _ = reader.take("mailto:")
        let start = output.count
        var at = -1, labelStart = start, isASCII = true, hasPoint = false
        while !reader.isAtEnd {
            let unit = reader.next.lowercased
            switch unit {
            case 0x40:
                guard at < 0, output.count > labelStart, output.count - start <= 64 else { throw .notAnEmail }
                at = output.count
                labelStart = at + 1
            case 0x2E:
                guard output.count > labelStart, at < 0 || output.last != 0x2D else { throw .notAnEmail }
                hasPoint = at >= 0
                labelStart = output.count + 1
            case 0x2D:
                guard at < 0 || output.count > labelStart else { throw .notAnEmail }
            case 0x80...: isASCII = false
            default:
                guard unit.isDigit || unit.isLetter || at < 0 && StandardForm.isAtomMark(unit) else { throw .notAnEmail }
            }
            output.append(unit)
            reader.index += 1
        }
        let last = output.count - labelStart
        guard at > 0, hasPoint, (2...63).contains(last), output.last != 0x2D, output.count - start <= 254,
            !output[labelStart...].allSatisfy(\.isDigit) else { throw .notAnEmail }
        if !isASCII { lowercaseLetters(of: &output, from: start) }
        try checkLength(of: output, from: start)
    }

    /// The marks that RFC 5322 allows in an atom, beside letters, digits and the hyphen.
    private static func isAtomMark(_ unit: UInt8) -> Bool {
        switch unit {
        case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2F, 0x3D, 0x3F, 0x5E...0x60, 0x7B...0x7E: true
        default: false
        }
    }

    /// Appends a web address: the scheme (http, https or ftp) may be missing and stays so; scheme and host are in lower
    /// case; a lone slash at the end is left out (RFC 3986).
    func appendURL(_ bytes: UTF8Bytes, to output: inout [UInt8]) throws(FormProblem.Reason) {
        var reader = ByteReader(bytes)
        let start = output.count
        if reader.take("http://") {
            output.append(contentsOf: "http://".utf8)
        } else if reader.take("https://") {
            output.append(contentsOf: "https://".utf8)
        } else if reader.take("ftp://") {
            output.append(contentsOf: "ftp://".utf8)
        }
        let host = output.count
        var hasPoint = false, isASCII = true, labelStart = host
        while !reader.isAtEnd {
            let unit = reader.next.lowercased
            if unit == 0x2F || unit == 0x3F || unit == 0x23 || unit == 0x3A { break }
            if unit == 0x2E {
                guard output.count > labelStart else { throw .notAURL }
                hasPoint = true
                labelStart = output.count + 1
            } else if unit >= 0x80 {
                isASCII = false
            } else {
                guard unit.isDigit || unit.isLetter || unit == 0x2D || unit == 0x5F else { throw .notAURL }
            }
            output.append(unit)
            reader.index += 1
        }
        guard output.count > labelStart, hasPoint || output[host...].elementsEqual("localhost".utf8) else { throw .notAURL }
        if !isASCII { lowercaseLetters(of: &output, from: host) }
        if reader.take(":") {
            guard let port = reader.digits(atMost: 5), (1...65_535).contains(port.value) else { throw .notAURL }
            output.append(contentsOf: ":\(port.value)".utf8)
            guard reader.isAtEnd || [0x2F, 0x3F, 0x23].contains(reader.next) else { throw .notAURL }
        }
        if reader.next == 0x2F && reader.index + 1 == bytes.count { reader.index += 1 }
        let path = output.count
        while !reader.isAtEnd {
            guard reader.next > 0x20, reader.next != 0x7F else { throw .notAURL }
            output.append(reader.next)
            reader.index += 1
        }
        NormalizationFormC.normalizeIfNeeded(&output, from: path)
        try checkLength(of: output, from: start)
    }

    private func lowercaseLetters(of output: inout [UInt8], from start: Int) {
        let text = String(decoding: output[start...], as: UTF8.self).lowercased()
        output.removeSubrange(start...)
        output.append(contentsOf: text.utf8)
        NormalizationFormC.normalizeIfNeeded(&output, from: start)
    }
}
