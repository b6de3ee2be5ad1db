{#- What a run does first: on Spark the sources are folders of Parquet under YUSUAN_RAW (<schema>/<table>), shown as views by the
    names that they have in a warehouse file. Of raw tables only the batches count that batches.parquet lists: others are what a
    load that was killed left. In DuckDB the loaders' tables are there already. -#}
{% macro register_sources() -%}
    {{ return(adapter.dispatch('register_sources')()) }}
{%- endmacro %}

{% macro default__register_sources() %}{% endmacro %}

{% macro spark__register_sources() -%}
    {%- if execute -%}
        {%- set folder = env_var('YUSUAN_RAW') -%}
        {%- for schema in graph.sources.values() | map(attribute='schema') | unique -%}
            {%- do run_query('create schema if not exists ' ~ schema) -%}
        {%- endfor -%}
        {%- set listed = run_query('select distinct batch from parquet.`' ~ folder ~ '/batches.parquet`') -%}
        {%- set files = ["'all.parquet'"] -%}
        {%- for row in listed.rows -%}
            {%- do files.append("'" ~ row[0] ~ ".parquet'") -%}
        {%- endfor -%}
        {%- for source in graph.sources.values() -%}
            {%- set name = source.schema ~ '.' ~ source.identifier -%}
            {%- set path = folder ~ '/' ~ source.schema ~ '/' ~ source.identifier -%}
            {%- set counts = ' where _metadata.file_name in (' ~ files | join(', ') ~ ')' if source.schema == 'raw' else '' -%}
            {%- do run_query('create or replace view ' ~ name ~ ' as select * from parquet.`' ~ path ~ '`' ~ counts) -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
