/// A standard whose codes carry their own check.
enum CodeScheme: Sendable {
    case residentIdentity, creditCode

    /// Checks what stands from `start`, and completes a resident identity number of 15 digits to 18.
    ///
    /// A passport, a permit or an older registration number, which the field holds too, is left as it is.
    func check(_ output: inout [UInt8], from start: Int) throws(FormProblem.Reason) {
        let count = output.count - start
        switch self {
        case .residentIdentity:
            let looksLikeOne = count >= 15 && output[start..<(start + 15)].allSatisfy(\.isDigit)
            guard looksLikeOne else { return }
            guard let identity = ResidentIdentity(String(decoding: output[start...], as: UTF8.self)) else { throw .notAnIdentity }
            output.replaceSubrange(start..., with: identity.number.utf8)
        case .creditCode:
            guard count == 18 else { return }
            if CreditCode(String(decoding: output[start...], as: UTF8.self)) == nil { throw .notACreditCode }
        }
    }
}
