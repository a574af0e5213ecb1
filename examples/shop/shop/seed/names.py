"""Common first names, surnames and streets of Canada; combined by chance they name nobody."""

FIRST = {
    "fr": ["Alice", "Amélie", "Anne", "Antoine", "Benoît", "Camille", "Catherine", "Charlotte", "Chantal", "Daniel", "David", "Émile", "Émilie", "Étienne", "Félix", "Florence", "François", "Gabriel", "Geneviève", "Guillaume", "Hélène", "Hugo", "Isabelle", "Jacques", "Jean", "Jérôme", "Josée", "Julie", "Juliette", "Léa", "Louis", "Louise", "Luc", "Marc", "Marie", "Martin", "Mathieu", "Mélanie", "Michel", "Nathalie", "Nicolas", "Olivier", "Pascal", "Patrick", "Pierre", "Raphaël", "Rosalie", "Samuel", "Sophie", "Stéphane", "Sylvie", "Thomas", "Valérie", "Véronique", "Vincent", "William", "Yves", "Zoé"],
    "en": ["Adam", "Alex", "Amanda", "Andrew", "Anna", "Ashley", "Ben", "Brian", "Carol", "Chris", "Claire", "Daniel", "David", "Diane", "Emily", "Emma", "Eric", "Ethan", "Grace", "Hannah", "Heather", "Ian", "Jack", "Jacob", "James", "Janet", "Jason", "Jennifer", "Jessica", "John", "Karen", "Kate", "Kevin", "Laura", "Liam", "Linda", "Lucas", "Mark", "Mary", "Matthew", "Megan", "Michael", "Nancy", "Noah", "Olivia", "Paul", "Peter", "Priya", "Rachel", "Robert", "Ryan", "Sandra", "Sarah", "Scott", "Sofia", "Stephen", "Susan", "Wei"],
}
LAST = {
    "fr": ["Beaulieu", "Bélanger", "Bergeron", "Bernier", "Bouchard", "Boucher", "Caron", "Cloutier", "Côté", "Couture", "Desjardins", "Dubé", "Dubois", "Fontaine", "Fortin", "Fournier", "Gagné", "Gagnon", "Gauthier", "Girard", "Giroux", "Hébert", "Lachance", "Lapierre", "Lapointe", "Lavoie", "Leblanc", "Leclerc", "Lefebvre", "Lessard", "Lévesque", "Martel", "Martin", "Michaud", "Morin", "Nadeau", "Ouellet", "Paquette", "Parent", "Pelletier", "Perron", "Plante", "Poirier", "Poulin", "Proulx", "Roy", "Savard", "Simard", "Tessier", "Thibault", "Tremblay", "Turcotte", "Vachon", "Villeneuve"],
    "en": ["Adams", "Allen", "Anderson", "Bailey", "Baker", "Bell", "Brown", "Campbell", "Carter", "Chan", "Chen", "Clark", "Cook", "Cooper", "Davis", "Evans", "Fraser", "Gill", "Gordon", "Graham", "Grant", "Green", "Hall", "Harris", "Hill", "Hughes", "Jackson", "Johnson", "Jones", "Kelly", "Khan", "Kim", "King", "Lee", "Lewis", "MacDonald", "Martin", "Miller", "Mitchell", "Moore", "Morgan", "Murphy", "Nguyen", "Patel", "Reid", "Roberts", "Robinson", "Ross", "Scott", "Sharma", "Singh", "Smith", "Stewart", "Taylor", "Thomas", "Thompson", "Walker", "White", "Williams", "Wilson", "Wong", "Wright", "Young"],
}
STREETS = {
    "fr": "rue des Érables|rue Principale|chemin du Lac|avenue du Parc|rue Saint-Jean|rang Nord",
    "en": "Maple Street|Main Street|Lake Road|Park Avenue|King Street|Mill Lane",
}

#: Region -> (weight, share of French speakers, cities with the start of their postal codes).
PLACES: dict[tuple[str, str], tuple[float, float, tuple[tuple[str, str], ...]]] = {
    ("CA", "QC"): (
        45,
        0.9,
        (("Montréal", "H2X"), ("Québec", "G1R"), ("Rimouski", "G5L"), ("Sherbrooke", "J1H")),
    ),
    ("CA", "ON"): (26, 0.06, (("Toronto", "M5V"), ("Ottawa", "K1N"), ("London", "N6A"))),
    ("CA", "BC"): (8, 0.01, (("Vancouver", "V6B"), ("Victoria", "V8W"))),
    ("CA", "AB"): (7, 0.02, (("Calgary", "T2P"), ("Edmonton", "T5J"))),
    ("CA", "NB"): (4, 0.4, (("Moncton", "E1C"), ("Fredericton", "E3B"))),
    ("CA", "NS"): (3, 0.04, (("Halifax", "B3J"),)),
    ("CA", "MB"): (2, 0.05, (("Winnipeg", "R3C"),)),
    ("CA", "SK"): (1.2, 0.01, (("Regina", "S4P"),)),
    ("CA", "NL"): (1, 0.0, (("St. John's", "A1C"),)),
    ("CA", "PE"): (0.6, 0.04, (("Charlottetown", "C1A"),)),
    ("CA", "YT"): (0.3, 0.05, (("Whitehorse", "Y1A"),)),
    ("CA", "NT"): (0.2, 0.03, (("Yellowknife", "X1A"),)),
    ("CA", "NU"): (0.1, 0.0, (("Iqaluit", "X0A"),)),
    ("US", ""): (1, 0.0, (("Burlington", "05401"), ("Portland", "04101"))),
    ("FR", ""): (0.6, 1.0, (("Lyon", "69002"), ("Nantes", "44000"))),
}
