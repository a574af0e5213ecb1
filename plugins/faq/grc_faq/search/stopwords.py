"""Words that say nothing of what is asked, already folded."""

_FR = """
a ai aie ainsi alors apres as au aucun aussi autre aux avaient avais avait avant avec avez avions
avoir avons ayant c ca car ce ceci cela celle celles celui ces cet cette ceux chaque chez ci comme
comment d dans de depuis des deux dois doit donc dont du elle elles en encore entre es est et etaient
etais etait etant etc ete etes etre eu eux fais fait faire faites faut fois font g il ils j je jusqu
l la le les leur leurs lors lui m ma mais me meme mes moi mon n ne ni nos notre nous on ont or ou
par parce pas pendant peu peut peux plus plusieurs pour pourquoi pourrait pourrais pouvez pouvons
puis puisque puissiez pu qu quand que quel quelle quelles quels qui quoi s sa sans se sera serait serai
ses si soit sommes son sont sous sur t ta te tes toi ton tous tout toute toutes tres tu un une va
vais vas vers veut veux voudrais vos votre vous vu y
allo bonjour bonsoir salut merci svp stp plait cordialement monsieur madame mesdames messieurs
bonne bien journee soiree semaine avance aimerais souhaite souhaiterais voulais savoir dire jour
ok oui non juste toujours deja afin lorsque car cependant aurait aurais auriez avoir seriez
"""
_EN = """
a about after again all also am an and any are aren as at be because been before being but by can
cannot could couldn d did didn do does doesn doing don down for from further get gets getting go got
had hadn has hasn have haven having he her here hers him his how i if in into is isn it its just
know ll let like m make me mine my no nor not now of off on once only or other our ours out over own
re s same say says she should shouldn so some such t than that the their theirs them then there these
they this those through to too under until up us ve very want wants was wasn we were weren what when
where which while who whom why will with won would wouldn you your yours
hello hi hey thanks thank please dear regards best help tell give need wondering way able
"""
#: Stop words by language.
STOPWORDS = {"fr": frozenset(_FR.split()), "en": frozenset(_EN.split())}
