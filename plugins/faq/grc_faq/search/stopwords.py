"""Words that say nothing of what is asked, already folded."""

_FR = """
a afin ai aie aimerais ainsi allo alors apres as au aucun aurais aurait auriez aussi autre aux
avaient avais avait avance avant avec avez avions avoir avons ayant bien bonjour bonne bonsoir c
ca car ce ceci cela celle celles celui cependant ces cet cette ceux chaque chez ci comme comment
cordialement d dans de deja depuis des deux dire dois doit donc dont du elle elles en encore entre
es est et etaient etais etait etant etc ete etes etre eu eux faire fais fait faites faut fois font
g il ils j je jour journee jusqu juste l la le les leur leurs lors lorsque lui m ma madame mais me
meme merci mes mesdames messieurs moi mon monsieur n ne ni non nos notre nous ok on ont or ou oui
par parce pas pendant peu peut peux plait plus plusieurs pour pourquoi pourrais pourrait pouvez
pouvons pu puis puisque puissiez qu quand que quel quelle quelles quels qui quoi s sa salut sans
savoir se semaine sera serai serait seriez ses si soiree soit sommes son sont souhaite
souhaiterais sous stp sur svp t ta te tes toi ton toujours tous tout toute toutes tres tu un une
va vais vas vers veut veux vos votre voudrais voulais vous vu y
"""
_EN = """
a able about after again all also am an and any are aren as at be because been before being best
but by can cannot could couldn d dear did didn do does doesn doing don down for from further get
gets getting give go got had hadn has hasn have haven having he hello help her here hers hey hi
him his how i if in into is isn it its just know let like ll m make me mine my need no nor not now
of off on once only or other our ours out over own please re regards s same say says she should
shouldn so some such t tell than thank thanks that the their theirs them then there these they
this those through to too under until up us ve very want wants was wasn way we were weren what
when where which while who whom why will with won wondering would wouldn you your yours
"""
#: Stop words by language.
STOPWORDS = {"fr": frozenset(_FR.split()), "en": frozenset(_EN.split())}
