"""Words that customers of shops use for one another; staff add those of their own shop.

A group's words stand for each other in a search, at half the weight of the word itself.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from .words import Analyzer
from .words import words

Group = Sequence[str]
Phrase = tuple[str, ...]

_FR = """
livraison, expédition, envoi, acheminement, livrer, expédier, envoyer
colis, paquet, envoi, boîte, carton
frais, coût, prix, tarif, montant, combien, coûter
délai, temps, durée, date, arriver
suivi, suivre, localiser, repérer, où en est
point relais, point de retrait, dépôt, commerce, relais
adresse, déménager, domicile, déménagement
annuler, annulation, arrêter, résilier
modifier, changer, corriger, ajouter, rajouter
commande, achat, commander, acheter
facture, reçu, justificatif, preuve d'achat, facturation
retour, retourner, renvoyer, rendre, ramener, rapporter
rembourser, remboursement, récupérer mon argent, ravoir mon argent, argent
échange, échanger, changer, remplacer
erreur, mauvais, trompé, incorrect
endommagé, abîmé, cassé, brisé, écrasé, fêlé, déchiré, morceaux
défaut, défectueux, panne, défaillant, réparer, réparation
garantie, garanti, réparer, réparation
payer, paiement, régler, règlement
carte de crédit, carte bancaire, visa, mastercard
plusieurs fois, versements, mensualités, étaler, tranches
sécurisé, sécurité, sûr, protégé, chiffré
refusé, rejeté, bloqué, ne passe pas
code promo, coupon, bon de réduction, promotion, bon
réduction, rabais, remise, solde, escompte, offre, promotion
cumulable, cumuler, combiner
fidélité, points, récompense, avantages
carte-cadeau, chèque-cadeau, bon d'achat, bon cadeau
mot de passe, mdp, code secret
connexion, connecter, identifiant, se connecter, entrer dans mon compte
compte, profil, inscription
créer, ouvrir, inscrire, inscription
supprimer, effacer, fermer, clôturer, désinscrire
stock, disponible, disponibilité, épuisé, rupture, réapprovisionnement
authentique, original, contrefaçon, imitation, copie, vrai, faux
origine, provenance, provenir, fabriqué, fabrication
échantillon, essai, essayer, testeur
conseil, conseiller, aider à choisir, recommander
emballage cadeau, papier cadeau
taille, pointure, grandeur, mesures, guide
avis, opinion, commentaire, évaluation
infolettre, newsletter, désabonner, désabonnement, publicité, publicitaires
joindre, contacter, contact, appeler, téléphone, numéro, parler, service client
joindre, service à la clientèle
plainte, réclamation, plaindre, mécontent, litige
magasin, boutique, succursale, point de vente, situé
renseignements personnels, données personnelles, vie privée, confidentialité
renseignements, informations personnelles, données
témoins, cookies, traceurs
douane, dédouanement, taxes, importation, frontière
pays, étranger, international
courriel, email, e-mail, mail, message, mél
fille, fils, enfant
valider, finaliser, terminer, conclure
panier, commande
confirmation, accusé de réception, confirmer
perdu, jamais reçu, pas reçu, rien reçu, disparu, volé
"""
_EN = """
delivery, shipping, shipment, ship, deliver, dispatch
parcel, package, box, order
cost, price, fee, charge, how much
track, tracking, locate, status, where is
pickup, pick up, collect, collection
address, moved, street
cancel, cancellation, stop, abort
change, modify, edit, amend, update
invoice, receipt, bill, proof of purchase
return, send back, give back
refund, reimburse, money back, reimbursement
exchange, swap, replace, replacement
damaged, broken, cracked, smashed, crushed
defective, faulty, broken, not working
warranty, guarantee, repair
pay, payment, paying
instalments, installments, several payments, split
secure, safe, security
declined, refused, rejected, denied
coupon, promo code, voucher, discount code, promotion
discount, sale, deal, offer, promotion
loyalty, points, rewards
gift card, gift voucher, gift certificate
password, passcode
log in, login, sign in, connect
sign up, register, create an account, open an account
delete, close, remove, erase
stock, available, availability, sold out, back in stock
genuine, authentic, original, counterfeit, fake
size, fit, measurements
review, opinion, rating, feedback
newsletter, unsubscribe, mailing list
contact, reach, call, phone, telephone, customer service, support, speak, talk
complaint, complain, claim, dispute
store, shop, branch, location
privacy, personal data, personal information
customs, duties, import, taxes, border
country, abroad, international, overseas
email, e-mail, mail
missing, lost, not received, never arrived, stolen
money, funds, cash
cell phone, mobile, phone
"""


def _groups(text: str) -> tuple[Group, ...]:
    return tuple(tuple(line.split(", ")) for line in text.strip().splitlines())


#: Groups by language.
SYNONYMS: dict[str, tuple[Group, ...]] = {"fr": _groups(_FR), "en": _groups(_EN)}


class Thesaurus:
    """Find what else a query's stems may be called."""

    def __init__(self, analyzer: Analyzer, groups: Iterable[Group]) -> None:
        self._others: dict[Phrase, list[Phrase]] = {}
        self._longest = 1
        for group in groups:
            phrases = [_stems(analyzer, phrase) for phrase in group]
            for phrase in filter(None, phrases):
                others = self._others.setdefault(phrase, [])
                others += [other for other in phrases if other and other != phrase]
                self._longest = max(self._longest, len(phrase))

    def of(self, stems: Sequence[str]) -> Iterator[tuple[str, list[Phrase]]]:
        """Yield the first stem of each known phrase among consecutive stems, and its synonyms."""
        for start in range(len(stems)):
            for length in range(1, min(self._longest, len(stems) - start) + 1):
                others = self._others.get(tuple(stems[start : start + length]))
                if others:
                    yield stems[start], others


def _stems(analyzer: Analyzer, phrase: str) -> Phrase:
    """Return a phrase's stems without stop words, unless it has nothing else."""
    return tuple(analyzer.stems(phrase) or map(analyzer.stem, words(phrase)))
