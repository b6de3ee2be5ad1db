{#- What a run does first: on Spark the sources are folders of Parquet under YUSUAN_RAW (<schema>/<table>), shown as views by the
    names that they have in a warehouse file. In DuckDB the loaders' tables are there already. -#}
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
        {%- for source in graph.sources.values() -%}
            {%- set name = source.schema ~ '.' ~ source.identifier -%}
            {%- set path = folder ~ '/' ~ source.schema ~ '/' ~ source.identifier -%}
            {%- do run_query('create or replace view ' ~ name ~ ' as select * from parquet.`' ~ path ~ '`') -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro %}
