/// Names that generated people, streets and towns are given: common ones first, rarer ones put together.
struct LatinNames {
    let men = LatinNames.list(
        """
        James John Robert Michael William David Richard Joseph Thomas Charles Daniel Matthew Anthony Mark Paul Steven Andrew Kenneth George
        Joshua Kevin Brian Edward Ronald Timothy Jason Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry Justin Scott Brandon
        Benjamin Samuel Frank Gregory Raymond Alexander Patrick Jack Dennis Jerry Tyler Aaron Henry Peter Adam Nathan Douglas Zachary Walter
        Kyle Harold Carl Arthur Roger Keith Jeremy Terry Lawrence Sean Christian Albert Joe Ethan Austin Jesse Willie Billy Bryan Bruce Ralph
        Roy Jordan Eugene Wayne Alan Louis Gabriel Russell Randy Philip Harry Vincent Noah Bobby Dylan Logan Oscar Felix Hugo Leon Simon Colin
        """) + LatinNames.joined("Al Ber Cor Dar El Fen Gar Hal Jor Ken Lor Mar", "win dan ric ton vin mund fred bert las mon")
    let women = LatinNames.list(
        """
        Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa Nancy Betty Sandra Margaret Ashley Kimberly Emily Donna
        Michelle Carol Amanda Melissa Deborah Stephanie Rebecca Laura Sharon Cynthia Dorothy Amy Kathleen Angela Shirley Emma Brenda Pamela
        Nicole Anna Samantha Katherine Christine Debra Rachel Carolyn Janet Maria Olivia Heather Helen Catherine Diane Julie Victoria Joyce
        Lauren Kelly Christina Ruth Joan Virginia Judith Evelyn Hannah Andrea Megan Cheryl Jacqueline Madison Teresa Abigail Sophia Martha Sara
        Gloria Janice Kathryn Ann Isabella Judy Charlotte Julia Grace Amber Alice Jean Denise Frances Danielle Marilyn Natalie Beverly Diana
        """) + LatinNames.joined("Ad Bel Cel Dor El Fio Ger Il Jos Lu Mir Ros", "ina elle ette inda anna eline ora issa ia etta")
    let families = LatinNames.list(
        """
        Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood Jackson
        Clarke Patel Khan Lewis James Phillips Mason Mitchell Rose Davis Cox Alexander Harris Cooper Hill Ward Turner Martin Morris Moore
        Baker Lee King Harrison Morgan Allen Scott Watson Parker Bennett Young Price Griffiths Mann Shaw Cook Richardson Carter Bell Collins
        """)
        + LatinNames.joined(
            "Ash Black Brad Burn Cald Chad Clay Cran Dal Den East Fair Gold Grin Hather Hazel Hether Kirk Lang Mar Mel Nor Oak Pem Quin Rad Red Rush "
                + "San Shel Stan Sut Thorn Up Wal West Whit Win Wood York",
            "ford wood ley ton well field ham brook by combe cott den dale gate hurst land man mere more son ster stone thorpe wick worth")
    let streets = LatinNames.joined(
        "High Station Main Park Church London Victoria Green Manor Kings Queens Mill School New North South West East Grange Spring Chapel Castle "
            + "Bridge River Garden Orchard Meadow Forest Cedar Elm Maple Birch Willow Hazel Rowan Abbey Priory Market Harbour Cliff",
        " Road| Street| Lane| Avenue| Close| Drive| Way| Gardens")
    let towns: [(name: String, postcode: Int)] = LatinNames.joined(
        "Old New Great Little Upper Lower North South East West Long Stoke Market Castle Bishops Kings",
        " Ashby| Barton| Burton| Compton| Easton| Hampton| Kirby| Langley| Marston| Norton| Preston| Sutton| Thornton| Walton| Weston| Wootton"
    ).enumerated().map { ($0.element, 2000 + $0.offset * 20) }
    let shortForms: [String: String] = [
        "William": "Bill", "Robert": "Bob", "Richard": "Dick", "James": "Jim", "John": "Jack", "Michael": "Mike", "Thomas": "Tom",
        "Joseph": "Joe", "Charles": "Charlie", "Daniel": "Dan", "Matthew": "Matt", "Anthony": "Tony", "Edward": "Ted", "Samuel": "Sam",
        "Benjamin": "Ben", "Alexander": "Alex", "Nicholas": "Nick", "Elizabeth": "Liz", "Margaret": "Peggy", "Patricia": "Pat",
        "Jennifer": "Jenny", "Barbara": "Barb", "Susan": "Sue", "Deborah": "Debbie", "Rebecca": "Becky", "Katherine": "Kate",
        "Catherine": "Cathy", "Christine": "Chris", "Samantha": "Sam", "Kimberly": "Kim", "Victoria": "Vicky", "Pamela": "Pam",
    ]

    static func list(_ words: String) -> [String] { words.split { $0 == " " || $0 == "\n" }.map(String.init) }

    /// Every beginning with every end; ends are divided by bars where they hold spaces.
    static func joined(_ beginnings: String, _ ends: String) -> [String] {
        let ends = ends.contains("|") ? ends.split(separator: "|").map(String.init) : list(ends)
        // Beginnings turn fastest, so that common and rare ones are mixed.
        return ends.flatMap { end in list(beginnings).map { $0 + end } }
    }
}
