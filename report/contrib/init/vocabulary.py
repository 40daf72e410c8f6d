"""Words in the names of columns and files by which `init` recognises their role."""

from __future__ import annotations

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ANSWERS = _words(
    "yes no true false low medium moderate high none some all few many little much often never always rarely sometimes "
    "good bad poor fair excellent better worse same agree disagree neutral positive negative other unknown left right "
    "small large mild severe normal abnormal present absent pass fail"
)
"""Answers that are common to questions about different things."""

KINDS = _words(
    "type types status kind class category categories genre group species label labels tag tags task tasks topic role "
    "job occupation sector industry style shape color colour cut clarity segment brand maker manufacturer "
    "party religion race ethnicity field subject department diet vore order taxa island site purpose cause "
    "method mode level grade channel treatment arm rx"
)
OUTCOMES = _words(
    "outcome result results survived survival response vote choice diagnosis end improved attrition churn pred "
    "predicted assigned next decision cause admit admitted dead died death deaths fatal alive stance opinion attitude "
    "released rejected accepted approved default success failure relapse recovered cured satisfaction injury severity "
    "effect damage target defaulted recurrence remission arrested convicted voted bought purchased clicked "
    "denied deny survive survives deceased cure healed win won winner "
    "hired promoted lfp inlf participation infected infection disease resultado resultat ergebnis vota voto"
)
OUTCOME_LABELS = _words(
    "alive dead died deceased survived relapse relapsed cured recovered improved success failure failed passed "
    "won lost win loss approved denied rejected accepted admitted convicted acquitted defaulted churned guilty infected"
)
"""Words in labels that are results."""

TREATMENT_LABELS = _words("placebo control controls treated untreated intervention sham")
"""Words in labels of treatments."""

REASONS = _words("diagnosis cause decision admit admitted assigned next")
"""Words for outcomes that a treatment follows rather than brings about."""

IDS = _words(
    "id ids uuid uid guid key index idx code rownames subject patient person respondent participant individual "
    "pupil idno nr subj sid student caseid hhid household tailnum seqn record fold resample plot name batch"
)
CLUSTERS = _words(
    "school schools class classroom hospital clinic household family farm practice ward nest litter colony person "
    "people pupil student patient respondent participant contestant player user customer client member employee "
    "doctor physician teacher interviewer rater judge plot cluster psu site"
)
"""Names of persons, households and institutions to which several rows belong."""

TIMES = _words("year month day hour minute second date time week weekday quarter decade yr series episode season round")
WEIGHTS = _words("weight weights weighting wt wgt wght pweight pwgt finalwt gewicht gewichtung poids peso")
OF_BODIES = _words("height heights hgt ht bmi tall length girth waist chest")
"""Words for measurements of bodies. A weight in the same table is that of a body."""

SURE_WEIGHTS = _words(
    "pw pweight pweights finalwt fnlwgt perwt hhwt wtssall weighting wgt wght surveyweight perweight "
    "personweight hhweight sampweight sampleweight finalweight statweight popweight caseweight designweight"
)
"""Words for weights of a survey that hardly name anything else."""

TREATMENTS = _words(
    "treatment treatments treat treated trt arm rx drug dose therapy vaccine intervention placebo train trained exposed"
)
"""Words for treatments of units, whose outcome is the question."""

PLACES = _words(
    "region state province county district location place precinct ward borough city municipality village prefecture"
)
"""Words for places, which lie in each other."""

FOLLOW_UPS = _words("followup follow fu futime stime survtime rfstime os rfs dfs pfs efs exit tstop")
EVENTS = _words("death dead died event status relapse recurrence censored cens delta cancer fatal")
"""Words for a time of follow-up, and for whether it ended with an event."""

BACKGROUND = _words(
    "sex gender age ages race ethnicity ethnic nationality region state province country city county district "
    "location place urban rural neighborhood neighbourhood precinct ward borough residence birth born native "
    "reg smsa south north "
    "language immigrant citizen geschlecht alter sexe âge edad sexo genre idade kön leeftijd geslacht région região "
    "región regio land staat stadt ville ciudad cidade uf município municipio pays país bundesland "
)
"""Words for attributes such as who or where: two such columns are rarely the question."""

IN_GROUPS = _words(
    "male female males females fem man woman black white hispanic hispan hisp nonwhite nwhite asian foreign foreigner "
    "minority weiblich männlich homme femme hombre mujer homem mulher"
)
"""Words for groups of people, of which a column with two values says who belongs to them."""

EARLIER = _words("father fathers mother mothers parent parents before pre previous first baseline initial")
"""Words for the earlier of two times or generations."""

LIFE = _words(
    "marital married marriage education educ edu educational qualification qualifications school degree religion "
    "relationship child children housing housework homeownership income incomes household family occupation profession "
    "employment employed einkommen renda ingreso ingresos revenu inkomen "
    "professional escolaridade escolaridad educación educação éducation diplôme études bildung beruf profissão "
    "alfabetização alfabetización"
)
"""Words for the circumstances of a person, which may be an outcome, but less often of each other."""

COUNTS = _words(
    "n count counts freq freqs frequency frequencies number num cases deaths births population pop total totals"
)
COUNTED = re.compile(
    r"(?:votes|voix|votos|stimmen|cases|deaths|people|persons|personen|personas|personnes|population|count|freq"
    r"|anzahl|häufigkeit|nombre|effectifs?|cantidad|conteo|(?:^|[\W_])(?:nb|obs))\W*$"
)
"""The end of the name of a column of counts, in lower case."""

MEASURES = _words("lat latitude long lon longitude lng zip zipcode postcode url link email phone ssn fips")

AGES = _words("age ages alter âge edad idade leeftijd birth born birthyear")
"""Words for ages, which may be divided into bins, unlike codes of other attributes."""

CODES = _words("code codes index rank order no nr seed")
"""Words for numbers that are names or places in a list."""
TEXTS = _words("comment comments description text note notes remark remarks title address summary")

STOCKS = _words(
    "prison prisoner prisoners inmates population pop residents inhabitants members membership stock stocks"
)
"""Words for numbers that exist at a time, so that those of several times are not added."""

RESULTS = _words(
    "score scores points rating ratings price prices salary salaries wage wages earnings yield gain loss "
    "lifespan duration survival lifetime delay absent absence absences cost costs expenditure spending goals "
    "income incomes einkommen renda ingreso ingresos revenu inkomen performance concentration growth "
    "attitude accuracy error errors mortality turnout visits trips fertility productivity profit revenue sales"
)
"""Words for measured results, which are more likely to be explained than to explain."""

DESIGN = _words(
    "site sites rack block blocks plate replicate replicates rep wave batch fold stratum strata psu sdmvpsu sdmvstra "
    "cluster clinic center centre panel random nobs dataset datasets cohort source "
    "randomization randomisation sequence lab laboratory operator run trial interviewer"
)
"""Words for the design of a study or sample."""

NO_SUBJECTS = (
    BACKGROUND
    | TIMES
    | _words(
        "data dataset table survey study sample export results records list file final clean raw the and for with from "
        "all train test copy csv tab new old"
    )
)
"""Words in names of files that do not name a subject."""

UNITS = _words(
    "people persons men women boys girls children babies mothers fathers parents couples families households "
    "residents citizens migrants refugees immigrants passengers patients students pupils graduates learners "
    "teachers professors employees workers staff managers executives customers clients consumers shoppers "
    "respondents participants subjects voters candidates donors members users subscribers applicants borrowers "
    "owners tenants nurses doctors physicians judges officers prisoners inmates offenders victims soldiers "
    "politicians senators scientists authors writers artists actors directors musicians drivers pilots runners "
    "swimmers players athletes coaches teams clubs accidents crashes collisions incidents injuries arrests stops "
    "crimes murders offences offenses complaints claims cases trials lawsuits strikes storms hurricanes earthquakes "
    "volcanoes fires floods riots attacks battles wars animals birds cats dogs horses cows sheep pigs fish fishes "
    "frogs penguins whales seals turtles insects flies bees butterflies beetles spiders snakes rodents mice rats "
    "plants trees flowers mushrooms seeds eggs nests articles books papers publications journals poems novels "
    "letters songs albums movies films paintings photos tweets posts comments messages emails episodes shows "
    "recipes meals cocktails wines beers coffees teas cheeses cookies calls visits trips journeys rides flights "
    "games matches races bouts elections bills laws treaties buildings houses homes apartments flats rooms hotels "
    "restaurants bars cafes shops stores schools universities colleges hospitals clinics museums libraries churches "
    "parks farms mines wells bridges stations airports ports cities towns villages countries counties districts "
    "municipalities provinces regions islands lakes rivers mountains languages words sentences companies firms "
    "businesses startups banks brands products goods cars trucks vehicles bicycles bikes motorcycles ships boats "
    "planes aircraft phones computers machines engines loans accounts transactions purchases orders invoices "
    "payments jobs vacancies projects grants packages repositories commits bugs apps websites servers stars planets "
    "meteorites galaxies satellites missions launches minerals rocks fossils cells genes proteins plots toys"
)
"""Plurals in names of files that name the rows. Others often name the subject: affairs, wages, votes."""

TECHNICAL = frozenset(
    [
        "duration (in seconds)",
        "progress",
        "finished",
        "recordeddate",
        "responseid",
        "response id",
        "distributionchannel",
        "userlanguage",
        "user language",
        "collector id",
        "collectorid",
        "custom data",
        *(f"custom data {n}" for n in range(1, 10)),
        "respondent id",
        "ip address",
        "ipaddress",
        "lastpage",
        "last page",
        "seed",
        "startlanguage",
        "start language",
        "submitdate",
        "startdate",
        "enddate",
        "timestamp",
        "recipientlastname",
        "recipientfirstname",
        "externalreference",
        "locationlatitude",
        "locationlongitude",
        "interviewtime",
        "total time",
    ]
)
"""Names of columns that survey services add, in lower case."""

TOTALS = _words("score scores total totals sum sc s 0 1 2 3 points index scale overall raw mean average")
"""Words that alone make the name of a total of items."""
