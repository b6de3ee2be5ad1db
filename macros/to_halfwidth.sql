{#- Full-width digits, letters, brackets, operators and ％ to half width; every dash that is printed for a minus to '-';
    white space of every kind to plain spaces. For parsing only: what is shown to people stays as printed. -#}
{% macro to_halfwidth(expr) -%}
    {%- set wide = '０１２３４５６７８９'
        ~ 'ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ'
        ~ '（）［］｛｝，．：；％﹪＋－﹣−–—―‐‑／＊＝＜﹤＞﹥≧⩾≦⩽～〜＄＾' -%}
    {%- set half = '0123456789'
        ~ 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
        ~ '()[]{},.:;%%+--------/*=<<>>≥≥≤≤~~$^' -%}
    {%- set spaces = '\u3000\u00a0\u2002\u2003\u2009\u200b\ufeff' -%}
    {#- DuckDB builds the mapping of translate anew for each row, which costs fifty times the question whether there is
        anything to map. Most texts are plain Chinese and ASCII. chr() for the three that would break a line of SQL. -#}
    case
        when {{ rx_matches(expr, '[^ -~一-鿿、。《》“”]') }}
            then translate(
                {{ expr }},
                '{{ wide }}{{ spaces }}' || chr(9) || chr(10) || chr(13),
                '{{ half }}{{ ' ' * (spaces | length + 3) }}'
            )
        else {{ expr }}
    end
{%- endmacro %}
