"""Word lists of the demo data, by locale. Names are common ones, drawn apart, so that no person is meant."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Locale:
    """Where a customer lives. phone: `#` stands for a digit; names in Latin script follow after `|`."""

    country: str
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]
    streets: tuple[str, ...]
    places: tuple[tuple[str, str], ...]
    phone: str


LOCALES: Mapping[str, Locale] = {
    "en_US": Locale(
        "US",
        ("Olivia", "Liam", "Emma", "Noah", "Ava", "Ethan", "Mia", "Lucas", "Harper", "Mason", "Zoe", "Caleb"),
        ("Smith", "Johnson", "Williams", "Brown", "Garcia", "Miller", "O'Brien", "Nguyen", "Clark", "Lewis"),
        ("Maple Street", "Oak Avenue", "Sunset Boulevard", "Lakeview Drive", "2nd Street", "Elm Court"),
        (("02116", "Boston"), ("60614", "Chicago"), ("78704", "Austin"), ("97205", "Portland")),
        "+1 212 555 01##",
    ),
    "de_DE": Locale(
        "DE",
        ("Jürgen", "Anna", "Lukas", "Käthe", "Björn", "Sophie", "Felix", "Lena", "Maximilian", "Heike"),
        ("Müller", "Schmidt", "Schneider", "Weiß", "Köhler", "Groß", "Hoffmann", "Schäfer", "Vogel"),
        ("Hauptstraße", "Gartenweg", "Lindenallee", "Am Mühlbach", "Bahnhofstraße"),
        (("10115", "Berlin"), ("80331", "München"), ("50667", "Köln"), ("20095", "Hamburg")),
        "+49 30 23125 ###",
    ),
    "fr_FR": Locale(
        "FR",
        ("Camille", "Léa", "Hugo", "Chloé", "Théo", "Zoë", "Raphaël", "Élodie", "Noël", "Inès"),
        ("Martin", "Lefèvre", "Durand", "Moreau", "Garnier", "François", "Mercier", "Lemaître"),
        ("rue de la Paix", "avenue Victor Hugo", "place du Marché", "boulevard Voltaire"),
        (("75011", "Paris"), ("69002", "Lyon"), ("13006", "Marseille"), ("31000", "Toulouse")),
        "+33 1 99 00 ## ##",
    ),
    "pl_PL": Locale(
        "PL",
        ("Łukasz", "Agnieszka", "Paweł", "Małgorzata", "Michał", "Zofia", "Grażyna", "Wojciech"),
        ("Kowalski", "Wiśniewski", "Wójcik", "Kamiński", "Zieliński", "Szymański", "Dąbrowski"),
        ("ulica Długa", "ulica Piękna", "aleja Róż", "ulica Łąkowa"),
        (("00-545", "Warszawa"), ("31-011", "Kraków"), ("50-101", "Wrocław"), ("90-001", "Łódź")),
        "+48 22 555 01 ##",
    ),
    "es_ES": Locale(
        "ES",
        ("Lucía", "Mateo", "Sofía", "Íñigo", "Martín", "Begoña", "Hugo", "Núria", "Ángel"),
        ("García", "Fernández", "Muñoz", "Gutiérrez", "Ibáñez", "Castro", "Peña", "Ruiz"),
        ("Calle Mayor", "Gran Vía", "Paseo del Prado", "Avenida de la Constitución"),
        (("28013", "Madrid"), ("08002", "Barcelona"), ("41001", "Sevilla"), ("46002", "València")),
        "+34 91 555 01 ##",
    ),
    "ja_JP": Locale(
        "JP",
        ("美咲|Misaki", "翔太|Shota", "陽菜|Hina", "蓮|Ren", "結衣|Yui", "大翔|Hiroto", "葵|Aoi"),
        ("佐藤|Sato", "鈴木|Suzuki", "高橋|Takahashi", "田中|Tanaka", "渡辺|Watanabe", "山本|Yamamoto"),
        ("桜通り", "銀座中央通り", "明治通り", "青葉通り"),
        (("100-0001", "東京"), ("530-0001", "大阪"), ("604-0001", "京都"), ("980-0811", "仙台")),
        "+81 3 5550 01##",
    ),
}

MAIL_DOMAINS = ("example.com", "example.org", "example.net", "mail.example.com")

NOTES = (
    "Prefers delivery after six.",
    "Asked to be called back at {phone} about the invoice.",
    "Wants receipts sent to {email} instead of paper.",
    "VIP since the trade fair; treat complaints first.",
    "Moved house, old address was {street}.",
    "Says the app logs her out; reached us from {email}, phone {phone}.",
    "Allergic to nuts, check gift boxes.",
    "Duplicate of an older account in the name {name}.",
    "Second parcel lost; refund promised to {name} by telephone ({phone}).",
    "No marketing mails.",
)

PRODUCTS = (
    ("SKU-1001", "Espresso cups, set of 2", "18.90"),
    ("SKU-1002", "Pour-over kettle", "54.00"),
    ("SKU-1003", "House blend, 1 kg", "23.50"),
    ("SKU-1004", "Hand grinder", "89.00"),
    ("SKU-1005", "Paper filters, 100", "5.75"),
    ("SKU-1006", "Single origin, 250 g", "11.20"),
    ("SKU-1007", "Milk frother", "34.99"),
    ("SKU-1008", "Cleaning tablets", "9.40"),
    ("SKU-1009", "Travel mug", "27.00"),
    ("SKU-1010", "Scale with timer", "64.50"),
)

PAGES = ("/", "/shop", "/shop/beans", "/shop/grinders", "/cart", "/checkout", "/account", "/help")

USER_AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.5 Safari/605.1.15",
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/138.0.0.0 Mobile Safari/537.36",
)
