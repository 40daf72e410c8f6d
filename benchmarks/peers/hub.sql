-- The counts of examples/hub/config.yaml over a snapshot of the Hub, by hand, in DuckDB. hub_sql.py sets the variables
-- `models`, `datasets` and `tasks`, the files to read, and writes the table `counts`.
--
-- A model has the categories of its pipeline tag and of those tags that are tasks, a dataset those of its tags
-- task_categories:…; both as bits. Units are models that name a dataset of the snapshot (dataset:…), models that name a
-- model of the snapshot as their base (base_model:…), and owners of models or datasets.

create temp table categories as
select category, 1::int << (row_number() over (order by min(place)) - 1)::int as bit
from (select category, row_number() over () as place from read_csv(getvariable('tasks')))
group by category;

create temp table tasks as
select task, bit from read_csv(getvariable('tasks')) join categories using (category);

create temp table datasets as
select id, author, coalesce(bits, 0) as bits
from read_parquet(getvariable('datasets'))
left join (
    select id, bit_or(bit) as bits
    from (select id, unnest(tags) as tag from read_parquet(getvariable('datasets')))
    join (select 'task_categories:' || task as tag, bit from tasks) using (tag)
    group by id
) using (id);

create temp table models as
select id, author, coalesce(bits, 0) as bits
from read_parquet(getvariable('models'))
left join (
    select id, bit_or(bit) as bits
    from (select id, unnest(list_append(tags, pipeline_tag)) as task from read_parquet(getvariable('models')))
    join tasks using (task)
    group by id
) using (id);

create temp table links as
select id, tag
from (select id, unnest(tags) as tag from read_parquet(getvariable('models')))
where starts_with(tag, 'dataset:') or starts_with(tag, 'base_model:');

create temp table incidence as
with trained_on as (
    select links.id, bit_or(bits) as given
    from links join datasets on datasets.id = substr(tag, 9)
    where starts_with(tag, 'dataset:')
    group by links.id
),
derived_from as (
    select links.id, bit_or(bits) as given
    from links join models on models.id = split_part(tag, ':', -1)
    where starts_with(tag, 'base_model:')
    group by links.id
),
owners as (
    select coalesce(d.bits, 0) as given, coalesce(m.bits, 0) as outcome
    from (select author, bit_or(bits) as bits from datasets group by author) d
    full join (select author, bit_or(bits) as bits from models group by author) m using (author)
)
select 'trained_on' as relation, given, bits as outcome, count(*) as n from trained_on join models using (id) group by all
union all
select 'derived_from', given, bits, count(*) from derived_from join models using (id) group by all
union all
select 'owners', given, outcome, count(*) from owners group by all;

create temp table counts as
select
    relation,
    g.category as given,
    o.category as outcome,
    coalesce(sum(n) filter (i.given & g.bit > 0 and i.outcome & o.bit > 0), 0) as n_joint,
    coalesce(sum(n) filter (i.given & g.bit > 0), 0) as n_given,
    coalesce(sum(n) filter (i.outcome & o.bit > 0), 0) as n_outcome,
    sum(n) as n_units
from incidence i, categories g, categories o
group by all;
